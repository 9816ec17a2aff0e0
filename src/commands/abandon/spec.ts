import type { AbandonDocument } from "../../model/documents.ts";
import { moveFlags, releaseWord } from "../recorded-release.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = { arguments: { release: releaseWord }, flags: moveFlags };

export type AbandonOptions = OptionsOf<typeof written>;

export const abandon: CommandSpec<AbandonOptions, AbandonDocument> = {
  name: "abandon",
  summary: "Put aside a release that is spoilt or cannot be finished, by a record; nothing is deleted",
  ...written,
  hasEvents: true,
  explanation: `
Its moving tags go to where they belong without it; its version tags stay where
they are, and its version is not released again.`,
  examples: [
    { run: "slipway abandon 1.0.7 --dry-run", for: "which tags would move" },
    { run: "slipway abandon 1.0.7", for: "latest, 1, 1.0 as if it were not there" },
  ],
  defaults: initialValues(written),
  load: () => import("./run.ts"),
};
