import type { HistoryDocument } from "../../model/history-document.ts";
import { listFlag, numberFlag, textFlag, toggleFlag } from "../flag.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = {
  arguments: {},
  flags: {
    service: listFlag("--service <service...>", "of these services only"),
    since: textFlag("--since <time>", "releases since a day (2026-01-31) or an age (30d)"),
    limit: numberFlag("--limit <n>", "how many releases to show, the newest first", 20),
    csv: toggleFlag("--csv", "print CSV, a row for each release and service"),
  },
};

export type HistoryOptions = OptionsOf<typeof written>;

export const history: CommandSpec<HistoryOptions, HistoryDocument> = {
  name: "history",
  summary: "Show what releases built and why, what it took, and what reuse saved",
  ...written,
  explanation: `
Seconds are machine time: builds of several services run at once. With a token
(GH_TOKEN) GitHub is asked for the times of the runs. What is not known is
shown as "not known", and left out of sums.`,
  examples: [
    { run: "slipway history", for: "the last 20 releases" },
    { run: "slipway history --service api --since 30d", for: "of one service" },
    { run: "slipway history --limit 500 --csv", for: "for a spreadsheet" },
  ],
  defaults: initialValues(written),
  load: () => import("./run.ts"),
};
