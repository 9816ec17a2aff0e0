import type { RollbackDocument } from "../../model/documents.ts";
import { moveFlags, releaseWord } from "../recorded-release.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = { arguments: { to: releaseWord }, flags: moveFlags };

export type RollbackOptions = OptionsOf<typeof written>;

export const rollback: CommandSpec<RollbackOptions, RollbackDocument> = {
  name: "rollback",
  summary: "Move the moving tags back to a release, by a record, without a build",
  ...written,
  hasEvents: true,
  explanation: `
It holds until something newer is released. Rolling back to the newest release
undoes it.`,
  examples: [
    { run: "slipway rollback 1.1.0 --dry-run", for: "which tags would move" },
    { run: "slipway rollback 1.1.0", for: "latest, 1 and 1.1 to where 1.1.0 put them" },
  ],
  defaults: initialValues(written),
  load: () => import("./run.ts"),
};
