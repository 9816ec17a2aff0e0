import { isAscii } from "node:buffer";
import { decodeName, type Git } from "./git.ts";
import { byCodeUnit } from "../../model/order.ts";

/** A mode, as git writes it. `160000`: a submodule without a checkout. `040000`: an empty folder. */
export type TreeMode = "100644" | "100755" | "120000" | "040000" | "160000";

/** A file, symlink, empty folder, or submodule without a checkout. `digest`: git's object id, `sha1:…` or `sha256:…`. */
export interface TreeEntry {
  readonly path: string;
  readonly mode: TreeMode;
  readonly digest: string;
}

/** The place of a file's bytes: changed in the working tree; in git and checked out; in git only. */
export type Origin = "working-tree" | "checked-out" | "git";

/**
 * A flat and compact git tree: `paths` by code unit, and for each the offset of its record in git's output. Two hundred thousand files take
 * about 30 MB.
 */
export interface Listing {
  /** git's output, a byte as a character: paths and object ids are parts of it, and take no memory of their own. */
  readonly text: string;
  readonly paths: readonly string[];
  readonly offsets: Uint32Array;
}

/** Lists a commit's files; `prefix` goes before every path. */
export async function listCommit(git: Git, commit: string, prefix = ""): Promise<Listing> {
  return parseListing(await git(["ls-tree", "-r", "-z", "--full-tree", commit]), prefix);
}

/** Parses `git ls-tree -r -z`: records of `MODE TYPE ID<TAB>PATH<NUL>`. Source: git-ls-tree(1), "Output format". */
function parseListing(output: Uint8Array, prefix = ""): Listing {
  const bytes = Buffer.from(output.buffer, output.byteOffset, output.byteLength);
  const text = bytes.toString("latin1");
  const plain = isAscii(bytes);
  const paths: string[] = [];
  const starts: number[] = [];
  let isSorted = true;
  let last = "";
  let start = 0;
  for (let end = text.indexOf("\0"); end >= 0; end = text.indexOf("\0", start)) {
    const tab = text.indexOf("\t", start) + 1;
    const name = plain ? text.slice(tab, end) : decodeName(bytes.subarray(tab, end));
    const path = prefix === "" ? name : prefix + name;
    // git sorts by byte, which differs from code unit order beyond U+FFFF.
    if (path < last) isSorted = false;
    last = path;
    paths.push(path);
    starts.push(start);
    start = end + 1;
  }
  if (isSorted) return { text, paths, offsets: new Uint32Array(starts) };
  const order = paths.map((_, index) => index).sort((a, b) => byCodeUnit(paths[a] ?? "", paths[b] ?? ""));
  return {
    text,
    paths: order.map((index) => paths[index] ?? ""),
    offsets: Uint32Array.from(order, (index) => starts[index] ?? 0),
  };
}

/** The mode of the record that begins at `offset`. */
export function modeAt(text: string, offset: number): TreeMode {
  const kind = text[offset + 1];
  if (kind === "2") return "120000";
  if (kind === "6") return "160000";
  // Old trees also contain 100664, which git and Slipway take as 100644.
  return text[offset + 3] === "7" ? "100755" : "100644";
}

/** The object id of the record that begins at `offset`: 40 hex digits, or 64 in a SHA-256 repository. */
export function idAt(text: string, offset: number): string {
  const start = offset + (text[offset + 1] === "6" ? "160000 commit ".length : "100644 blob ".length);
  return text.slice(start, text.indexOf("\t", start));
}
