import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";
import type { FoundServices } from "./run.ts";

const written = { arguments: {}, flags: {} };

export const services: CommandSpec<OptionsOf<typeof written>, FoundServices> = {
  name: "services",
  summary: "Show what is released from this repository, where it was found, and what was left out",
  ...written,
  examples: [
    { run: "slipway services", for: "a line a service" },
    { run: "slipway services --json", for: "with build args, targets and image names" },
  ],
  defaults: initialValues(written),
  opens: () => ({ offline: true }),
  load: () => import("./run.ts"),
};
