import type { Status } from "../../model/documents.ts";
import { numberFlag } from "../flag.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = { arguments: {}, flags: { limit: numberFlag("--limit <n>", "how many releases to show", 10) } };

export type StatusOptions = OptionsOf<typeof written>;

export const status: CommandSpec<StatusOptions, Status> = {
  name: "status",
  summary: "Show releases, where each moving tag is and should be, and what is unfinished",
  ...written,
  examples: [
    { run: "slipway status", for: "the last 10 releases" },
    { run: "slipway status --limit 1", for: "the last release" },
  ],
  defaults: initialValues(written),
  load: () => import("./run.ts"),
};
