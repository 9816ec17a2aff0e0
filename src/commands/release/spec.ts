import { exitCodeOfServices } from "../../errors.ts";
import type { ReleaseDocument } from "../../model/documents.ts";
import { type CommandSpec, initialValues } from "../spec.ts";
import { type ReleaseOptions, releaseWritten } from "./options.ts";

export const release: CommandSpec<ReleaseOptions, ReleaseDocument> = {
  name: "release",
  summary: "Build what changed, commit the release in one step, then move the tags and write the notes",
  ...releaseWritten,
  hasEvents: true,
  explanation: `
Nothing visible moves before everything is built. After an interruption the same
command, or any later release, finishes what was begun.`,
  examples: [
    { run: "slipway release 1.2.0 --notes-file notes.md", for: "a version, with notes" },
    { run: "slipway release --version-from commits", for: "the next, by its commits" },
    { run: "slipway release 1.2.0 --dry-run", for: "what it would build and move" },
    { run: "slipway release 1.2.1 --only api", for: "a hot-fix of one service" },
    { run: "slipway release", for: "the branch: main, sha-1a2b3c4" },
  ],
  defaults: initialValues(releaseWritten),
  opens: ({ notesFile }) => ({ outputs: notesFile === undefined || notesFile === "-" ? [] : [notesFile] }),
  load: () => import("./run.ts"),
  exitCode: ({ state, services }) => (state === "failed" ? exitCodeOfServices(services) : 0),
};
