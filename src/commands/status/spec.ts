import type { Status } from "../../model/status-document.ts";
import { numberFlag, textFlag } from "../flag.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = {
  arguments: {},
  flags: {
    limit: numberFlag("--limit <n>", "how many releases to show", 10),
    deployed: textFlag("--deployed <file>", "say which release these images are (-: standard input)"),
  },
};

export type StatusOptions = OptionsOf<typeof written>;

export const status: CommandSpec<StatusOptions, Status> = {
  name: "status",
  summary: "Show releases, where each moving tag is and should be, and what is unfinished",
  ...written,
  explanation: `
--deployed reads \`kubectl get pods -o json\`, a Compose file, or any text with
digests, and compares them with the last 200 releases.`,
  examples: [
    { run: "slipway status", for: "the last 10 releases" },
    { run: "slipway status --limit 1", for: "the last release" },
    { run: "kubectl get pods -o json | slipway status --deployed -", for: "what a cluster runs" },
  ],
  defaults: initialValues(written),
  load: () => import("./run.ts"),
};
