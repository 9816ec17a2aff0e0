import { decodeName } from "../git/git.ts";

/** A path that differs between the commit and the working tree. */
export interface WorkingTreeChange {
  readonly path: string;
  /** `untracked`: git neither tracks nor ignores it. `submodule`: it has another commit or changes of its own. */
  readonly kind: "changed" | "untracked" | "submodule";
}

/** The parsed output of `git status`: the commit (undefined on an unborn branch), the branch (undefined when detached), the changes. */
export interface WorkingTreeStatus {
  readonly commit: string | undefined;
  readonly branch: string | undefined;
  readonly changes: readonly WorkingTreeChange[];
}

/** Arguments of git for `parseStatus`. */
export const statusArgs = [
  "status",
  "--porcelain=v2",
  "-z",
  "--branch",
  "--no-ahead-behind",
  "--untracked-files=all",
  "--ignore-submodules=none",
  "--no-renames",
] as const;

/** Parses `git status --porcelain=v2 -z`. Source: git-status(1), "Porcelain Format Version 2". */
export function parseStatus(bytes: Uint8Array): WorkingTreeStatus {
  let commit: string | undefined;
  let branch: string | undefined;
  const changes: WorkingTreeChange[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
    const record = bytes.subarray(start, end);
    start = end + 1;
    const kind = String.fromCharCode(record[0] ?? 0);
    if (kind === "#") {
      const [, key, ...value] = decodeName(record).split(" ");
      if (key === "branch.oid" && value[0] !== "(initial)") commit = value[0];
      if (key === "branch.head" && value[0] !== "(detached)") branch = value.join(" ");
    } else if (kind === "?") {
      changes.push({ path: decodeName(record.subarray(2)), kind: "untracked" });
    } else if (kind === "1" || kind === "u") {
      // `1 XY sub mH mI mW hH hI path`; an unmerged path has two more fields.
      const isSubmodule = record[5] === "S".charCodeAt(0);
      const path = decodeName(record.subarray(afterSpaces(record, kind === "1" ? 8 : 10)));
      changes.push({ path, kind: isSubmodule ? "submodule" : "changed" });
    }
  }
  return { commit, branch, changes };
}

function afterSpaces(record: Uint8Array, count: number): number {
  let position = 0;
  for (let seen = 0; seen < count; seen += 1) position = record.indexOf(0x20, position) + 1;
  return position;
}
