import { requiredWord, textFlag, toggleFlag } from "./flag.ts";

/** Argument that names a recorded release, for commands that move its tags. */
export const releaseWord = requiredWord(
  "<release>",
  "a version, a branch's commit, or a record that `slipway status` shows",
);

export const groupFlag = textFlag("--group <name>", "the release group (default: the only one, or `default`)");

/** Flags of commands that move tags and build nothing. */
export const moveFlags = {
  group: groupFlag,
  dryRun: toggleFlag("--dry-run", "show which tags would move; do nothing"),
};
