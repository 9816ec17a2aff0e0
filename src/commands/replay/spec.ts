import type { ReplayDocument } from "../../model/replay-document.ts";
import { type CommandSpec, initialValues } from "../spec.ts";
import { type ReplayOptions, replayWritten } from "./options.ts";

export const replay: CommandSpec<ReplayOptions, ReplayDocument> = {
  name: "replay",
  summary: "Show what the last commits' builds would have been: built, reused, needless",
  ...replayWritten,
  examples: [
    { run: "slipway replay", for: "the last 200 commits" },
    { run: "slipway replay --build-seconds 90", for: "with the minutes that it saves" },
  ],
  defaults: initialValues(replayWritten),
  load: () => import("./run.ts"),
};
