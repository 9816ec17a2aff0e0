import { addAll } from "../../model/lists.ts";
import { trimEndOf } from "../../formats/trim.ts";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { type Git, splitNames } from "../git/git.ts";
import { hasErrorCode } from "../../errors.ts";
import type { TreeEntry } from "../git/listing.ts";

/** Entries of the working tree by path; null: there is no file at that path any more. */
export type Overlay = Map<string, TreeEntry | null>;

/** Computes git's object id of a file with this content, with the hash's name: `sha1:…`. */
export function blobDigest(content: Uint8Array, format: "sha1" | "sha256"): string {
  return `${format}:${createHash(format).update(`blob ${content.length}\0`).update(content).digest("hex")}`;
}

/** Computes the object id of a file, streaming large ones. */
export async function digestWorkingFile(place: string, size: number, format: "sha1" | "sha256"): Promise<string> {
  if (size < 1024 * 1024) return blobDigest(await readFile(place), format);
  const hash = createHash(format).update(`blob ${size}\0`);
  for await (const chunk of createReadStream(place)) hash.update(chunk as Uint8Array);
  return `${format}:${hash.digest("hex")}`;
}

/** Reads a file of the working tree as the image gets it: without conversion; of a symlink, its target. */
export async function readWorkingFile(root: string, path: string, mode: string): Promise<Uint8Array> {
  const place = join(root, path);
  return mode === "120000" ? readlink(place, { encoding: "buffer" }) : readFile(place);
}

/** Reads entries of the working tree. A path that ends in `/` stands for all files in the folder but `.git`. */
export async function readOverlay(
  root: string,
  format: "sha1" | "sha256",
  paths: Iterable<string>,
  overlay: Overlay = new Map(),
): Promise<Overlay> {
  const waiting: string[] = [];
  for (const path of paths) {
    if (path.endsWith("/")) addAll(waiting, (await walk(root, path.slice(0, -1))).files);
    else waiting.push(path);
  }
  const atOnce = 32;
  for (let start = 0; start < waiting.length; start += atOnce) {
    const entries = waiting.slice(start, start + atOnce).map(async (path) => {
      overlay.set(path, await readEntry(root, format, path));
    });
    await Promise.all(entries);
  }
  return overlay;
}

async function readEntry(root: string, format: "sha1" | "sha256", path: string): Promise<TreeEntry | null> {
  try {
    const found = await lstat(join(root, path));
    if (!found.isFile() && !found.isSymbolicLink()) return null;
    const mode = found.isSymbolicLink() ? "120000" : (found.mode & 0o100) === 0 ? "100644" : "100755";
    const digest = found.isFile()
      ? await digestWorkingFile(join(root, path), found.size, format)
      : blobDigest(await readWorkingFile(root, path, mode), format);
    return { path, mode, digest };
  } catch (error) {
    if (hasErrorCode(error, "ENOENT", "ENOTDIR")) return null;
    throw error;
  }
}

/** Lists files and empty folders below a folder, without `.git`. */
async function walk(root: string, folder: string): Promise<{ files: string[]; emptyFolders: string[] }> {
  const files: string[] = [];
  const emptyFolders: string[] = [];
  const visit = async (path: string): Promise<void> => {
    const children = await readdir(join(root, path), { withFileTypes: true });
    if (children.length === 0) emptyFolders.push(path);
    for (const child of children) {
      if (child.name === ".git") continue;
      const below = `${path}/${child.name}`;
      if (child.isDirectory()) await visit(below);
      else if (child.isFile() || child.isSymbolicLink()) files.push(below);
    }
  };
  await visit(folder);
  return { files, emptyFolders };
}

/** Lists empty folders of the working tree. git ignores them; a build of a dirty tree sees them. */
export async function readEmptyFolders(git: Git, root: string): Promise<string[]> {
  const args = ["ls-files", "-z", "--others", "--exclude-standard", "--directory"];
  const untracked = splitNames(await git(args)).filter((path) => path.endsWith("/"));
  const walks = await Promise.all(untracked.map((path) => walk(root, path.slice(0, -1))));
  return walks.flatMap(({ emptyFolders }) => emptyFolders);
}

/**
 * Lists paths that match the patterns and differ from the commit, including ignored ones. A pattern is a path from the repository root: `*`
 * and `?` stay within a folder, `**` does not, a folder includes everything in it, and `!` excludes.
 */
export async function listGeneratedFiles(git: Git, patterns: readonly string[]): Promise<string[]> {
  if (patterns.length === 0) return [];
  const specs = patterns.flatMap((given) => {
    const magic = given.startsWith("!") ? "top,glob,exclude" : "top,glob";
    const pattern = trimEndOf(given.replace(/^!/, "").replace(/^\.?\//, ""), "/");
    return pattern === "" || pattern === "."
      ? [`:(${magic})**`]
      : [`:(${magic})${pattern}`, `:(${magic})${pattern}/**`];
  });
  return splitNames(await git(["ls-files", "-z", "--others", "--modified", "--deleted", "--", ...specs]));
}

/** git's id of the empty tree. */
export const emptyTree = {
  sha1: "sha1:4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  sha256: "sha256:6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
} as const;

export function addEmptyFolders(overlay: Overlay, folders: readonly string[], format: "sha1" | "sha256"): void {
  for (const path of folders) overlay.set(path, { path, mode: "040000", digest: emptyTree[format] });
}
