import { parseVersionSource, versionFileNames } from "../../model/version-source.ts";
import { buildFlags } from "../build/options.ts";
import { listFlag, optionalWord, parsedFlag, refusalFlag, textFlag, toggleFlag } from "../flag.ts";
import { groupFlag } from "../recorded-release.ts";
import type { OptionsOf } from "../spec.ts";

/** Flags of a release. A new flag is one line here: help, reference, library and action read it from here. */
export const releaseWritten = {
  arguments: { version: optionalWord("[version]", "such as 1.2.0; without one, the branch's tags are released") },
  flags: {
    versionFrom: parsedFlag("--version-from <source>", "tag, file, commits, or a file such as package.json", {
      takes: `tag, file, commits, or a path of ${versionFileNames.join(", ")}`,
      parse: parseVersionSource,
    }),
    only: listFlag("--only <service...>", "release these; the rest keeps what the last release had"),
    group: groupFlag,
    branch: textFlag("--branch <name>", "the branch that is released (default: the one that is checked out)"),
    notesFile: textFlag("--notes-file <file>", "write the release notes there (-: to stdout)"),
    dryRun: toggleFlag("--dry-run", "show what would be built and which tags would move; do nothing"),
    allowDirty: toggleFlag("--allow-dirty", "release with changes in the working tree that are not committed"),
    githubRelease: refusalFlag(
      "--no-github-release",
      "write no GitHub release (default: a version's, where GH_TOKEN or GITHUB_TOKEN is set)",
    ),
    ...buildFlags,
  },
};

export type ReleaseOptions = OptionsOf<typeof releaseWritten>;
