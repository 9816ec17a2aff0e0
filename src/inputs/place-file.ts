import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  createReadStream,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  type Stats,
  unlinkSync,
  utimesSync,
} from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { InputFile } from "../model/inputs.ts";
import { readConverted } from "../source/tree/attributes.ts";
import { checkedOut } from "../source/checkout/checked-out.ts";
import type { GitTree } from "../source/tree/tree.ts";
import { blobDigest, digestWorkingFile } from "../source/tree/working-tree.ts";

/** A staged file that is a hard link to the working tree's file, so a write to either changes both. */
export interface LinkedFile {
  readonly path: string;
  readonly place: string;
  readonly size: bigint;
  /** Modification time before the file was read and compared, in nanoseconds. */
  readonly mtimeNs: bigint;
}

/** How a file was placed: linked, copied, or not at all because the working tree does not have the planned bytes. */
export type PlacedFile = LinkedFile | "copied" | "not there";

/**
 * Places the working tree's file if it has the planned bytes, which are read and compared, whatever git reports. Makes a hard link if mode
 * and file system allow it, else a copy. `youngerThan`: the file system's current time in nanoseconds; a file of that time is copied,
 * because a write in the same clock tick would not change its time.
 */
export async function placeWorkingFile(
  tree: GitTree,
  file: InputFile,
  place: string,
  youngerThan: bigint,
): Promise<PlacedFile> {
  const origin = tree.origin(file.path);
  const expected = origin === "git" ? undefined : await workingDigest(tree, file);
  const working = join(tree.repository.root, file.path);
  const found = expected === undefined ? undefined : lstatSync(working, { throwIfNoEntry: false });
  if (expected === undefined || found?.isFile() !== true) return "not there";
  const mayLink = origin === "checked-out" && (found.mode & 0o7777) === modeOf(file);
  const linked = mayLink ? tryLink(working, place, youngerThan) : undefined;
  if (linked === undefined) copyFile(working, found, place, modeOf(file));
  if (await hasDigest(place, expected)) {
    return linked === undefined ? "copied" : { path: file.path, place, ...linked };
  }
  unlinkSync(place);
  return "not there";
}

/** Places a file's planned bytes from git. Compares them with the planned object id or digest. */
export async function placeFromGit(tree: GitTree, file: InputFile, place: string): Promise<void> {
  await writeFile(place, await readPlanned(tree, file));
  await chmod(place, modeOf(file));
}

function modeOf(file: InputFile): number {
  return file.mode === "100755" ? 0o755 : 0o644;
}

/** The digest that a file of the working tree must have; undefined: only git can make the planned bytes. */
async function workingDigest(tree: GitTree, file: InputFile): Promise<string | undefined> {
  const { id, conversions } = splitDigest(file.digest);
  if (conversions.length === 0) return id;
  if (conversions.length > 1 || conversions[0] !== "lfs") return undefined;
  return (await lfsDigest(tree, file)) ?? id;
}

/** Makes a hard link; undefined: the file system, the number of links, the file's owner or its time prevents it. */
function tryLink(
  working: string,
  place: string,
  youngerThan: bigint,
): Pick<LinkedFile, "size" | "mtimeNs"> | undefined {
  try {
    linkSync(working, place);
  } catch {
    return undefined;
  }
  const { size, mtimeNs } = lstatSync(place, { bigint: true });
  if (mtimeNs < youngerThan) return { size, mtimeNs };
  unlinkSync(place);
  return undefined;
}

/** Copies a file with its time. */
function copyFile(working: string, found: Stats, place: string, mode: number): void {
  copyFileSync(working, place, constants.COPYFILE_FICLONE);
  chmodSync(place, mode);
  utimesSync(place, found.atime, found.mtime);
}

/** Size in bytes below which a file is read in one synchronous call, which stages ten thousand files in a second. */
const readAtOnce = 1024 * 1024;

/** Whether a staged file has these bytes: git's object id, or `lfs:` with the digest of the content itself. */
async function hasDigest(place: string, expected: string): Promise<boolean> {
  const [algorithm = ""] = expected.split(":");
  const descriptor = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = fstatSync(descriptor);
    if (size < readAtOnce && algorithm !== "lfs")
      return blobDigest(readFileSync(descriptor), formatOf(algorithm)) === expected;
    if (algorithm !== "lfs") return (await digestWorkingFile(place, size, formatOf(algorithm))) === expected;
    return (await sha256OfFile(place)) === expected;
  } finally {
    closeSync(descriptor);
  }
}

function formatOf(algorithm: string): "sha1" | "sha256" {
  return algorithm === "sha256" ? "sha256" : "sha1";
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return `lfs:${hash.digest("hex")}`;
}

/** Splits `sha1:…+ident+crlf` into the object id and the conversions. */
function splitDigest(digest: string): { readonly id: string; readonly conversions: readonly string[] } {
  const [id = "", ...conversions] = digest.split("+");
  return { id, conversions };
}

/** The content digest that a Git LFS pointer names, as `lfs:…`; undefined: the blob is not a pointer. Source: git-lfs, docs/spec.md. */
async function lfsDigest(tree: GitTree, file: InputFile): Promise<string | undefined> {
  return parsePointer(await tree.read(file.path));
}

function parsePointer(content: Uint8Array): string | undefined {
  if (content.length > 1024) return undefined;
  const text = new TextDecoder().decode(content);
  const id = text.startsWith("version https://git-lfs") ? /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1] : undefined;
  return id === undefined ? undefined : `lfs:${id}`;
}

/** Reads the planned bytes from git. Throws `repository` if git has other bytes. */
async function readPlanned(tree: GitTree, file: InputFile): Promise<Uint8Array> {
  const { id, conversions } = splitDigest(file.digest);
  const entry = tree.get(file.path);
  if (entry?.digest !== id || tree.origin(file.path) === "working-tree") throw changedError(file.path);
  const blob = await tree.read(file.path);
  if (blobDigest(blob, tree.repository.objectFormat) !== id) throw changedError(file.path);
  // For an encoding or a user's filter, only the digest of its output is known.
  const made = /:sha256:([0-9a-f]+)$/.exec(conversions.join("+"))?.[1];
  if (made !== undefined) {
    const bytes = await readConverted(tree.partOf(file.path), entry);
    if (blobDigest(bytes, "sha256") !== `sha256:${made}`) throw changedError(file.path);
    return bytes;
  }
  if (!conversions.includes("lfs")) return checkedOut(blob, conversions, id.slice(id.indexOf(":") + 1));
  return readLfs(tree, file, blob);
}

/** Reads a Git LFS file through git. A blob that is not a pointer is the content itself. */
async function readLfs(tree: GitTree, file: InputFile, blob: Uint8Array): Promise<Uint8Array> {
  const entry = tree.get(file.path);
  const expected = parsePointer(blob);
  if (entry === undefined || expected === undefined) {
    const { id, conversions } = splitDigest(file.digest);
    return checkedOut(blob, conversions, id.slice(id.indexOf(":") + 1));
  }
  const content = await readConverted(tree.partOf(file.path), entry);
  if (`lfs:${createHash("sha256").update(content).digest("hex")}` === expected) return content;
  throw new SlipwayError("git-object-missing", `"${file.path}" is kept in Git LFS, and its content is not there`, {
    data: { path: file.path },
    hint: `fetch it: git lfs pull --include ${JSON.stringify(file.path)}`,
  });
}

/** The error for a file that no longer has its planned content. */
export function changedError(path: string): SlipwayError {
  return new SlipwayError("files-changed", `"${path}" changed while its build was being prepared`, {
    hint: "run the same command again when nothing writes to the repository",
  });
}
