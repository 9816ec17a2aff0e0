import { classifySource } from "../dockerfile/stages/remote.ts";

/** A git repository as the context of a build. */
export interface GitAddress {
  readonly remote: string;
  /** A branch, a tag, a full ref or a commit; null: the branch that the repository has checked out. */
  readonly ref: string | null;
  /** The commit that is asked for, whatever the ref is at by now; null: the ref's. */
  readonly commit: string | null;
  /** The folder that is the context; `.` is the root. */
  readonly folder: string;
}

/**
 * Parses `https://…/shop.git#ref:folder` and `https://…/shop.git?ref=…&checksum=…&subdir=…`. Undefined: it is no repository, or asks for
 * something else beside. Source: BuildKit, frontend/dockerfile/dfgitutil/git_ref.go.
 */
export function parseGitAddress(url: string): GitAddress | undefined {
  const [address, fragment] = splitAt(url, "#");
  const [remote, query] = splitAt(address, "?");
  if (classifySource(remote) !== "git") return undefined;
  const [fragmentRef, folder] = splitAt(fragment, ":");
  const parameters = [...new URLSearchParams(query)];
  const known = new Map(parameters.map(([name, value]) => [names[name], value]));
  if (known.has(undefined) || known.size < parameters.length || parameters.some(([, value]) => value === ""))
    return undefined;
  const ref = known.get("ref") ?? (fragmentRef === "" ? null : fragmentRef);
  const asked = known.get("commit") ?? ref ?? "";
  const place = cleanFolder(known.get("folder") ?? folder);
  if ((fragmentRef !== "" && known.has("ref")) || (folder !== "" && known.has("folder")) || place === undefined)
    return undefined;
  return { remote, ref, commit: /^[0-9a-f]{40}$/.test(asked) ? asked : null, folder: place };
}

const names: Readonly<Record<string, "ref" | "commit" | "folder">> = {
  branch: "ref",
  checksum: "commit",
  commit: "commit",
  ref: "ref",
  subdir: "folder",
  tag: "ref",
};

/** Undefined: it leads out of the repository. */
function cleanFolder(written: string): string | undefined {
  const parts = written.split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") ? undefined : parts.join("/") || ".";
}

function splitAt(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + mark.length)];
}
