import { classifySource } from "../dockerfile/stages/remote.ts";

/** Git repository that is the context of a build. */
export interface GitAddress {
  readonly remote: string;
  /** Branch, tag, full ref or commit; null: the default branch of the repository. */
  readonly ref: string | null;
  /** Commit that is requested explicitly, even if the ref has moved since; null: the ref's current commit is used. */
  readonly commit: string | null;
  /** Folder of the context; `.` is the root. */
  readonly folder: string;
}

/**
 * Parses `https://…/shop.git#ref:folder` and `https://…/shop.git?ref=…&checksum=…&subdir=…`; undefined: the address is not a git repository, or has
 * further parameters. Source: BuildKit, frontend/dockerfile/dfgitutil/git_ref.go.
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

/** Normalizes a folder; undefined: it is outside of the repository. */
function cleanFolder(written: string): string | undefined {
  const parts = written.split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") ? undefined : parts.join("/") || ".";
}

function splitAt(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + mark.length)];
}
