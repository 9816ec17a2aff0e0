import type { Plan } from "../../model/plan.ts";
import { forceFlag } from "../build/options.ts";
import { words } from "../flag.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = {
  arguments: {
    services: words("[service...]", "only these and what they need; with one, what changed since its published image"),
  },
  flags: { force: forceFlag("as if these, or all, had changed") },
};

export type PlanOptions = OptionsOf<typeof written>;

export const plan: CommandSpec<PlanOptions, Plan> = {
  name: "plan",
  alias: "why",
  summary: "Show what would be built or reused, and why",
  ...written,
  examples: [
    { run: "slipway plan", for: "a line a service" },
    { run: "slipway plan api", for: "what changed since api was published" },
    { run: "slipway plan --force api", for: "as if api had changed" },
    { run: "slipway plan --json", for: "for a program" },
  ],
  defaults: initialValues(written),
  load: () => import("./run.ts"),
};
