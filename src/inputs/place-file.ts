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

/** A staged file that is one with the working tree's: whoever writes to that one writes to this one. */
export interface LinkedFile {
  readonly path: string;
  readonly place: string;
  readonly size: bigint;
  /** As it was before the file was read and compared. */
  readonly mtimeNs: bigint;
}

/** What became of a file: linked, a copy of its own, or not there in the working tree with the planned bytes. */
export type Placed = LinkedFile | "copied" | "not there";

/**
 * Puts the working tree's file in place, when it has the planned bytes: they are read and compared, whatever git says of the
 * file. A hard link where mode and file system allow it, else a copy. `youngerThan`: the file system's time now, in nanoseconds;
 * a file of that time may be written to without its time changing, and is copied.
 */
export async function placeWorkingFile(
  tree: GitTree,
  file: InputFile,
  place: string,
  youngerThan: bigint,
): Promise<Placed> {
  const origin = tree.origin(file.path);
  const expected = origin === "git" ? undefined : await workingDigest(tree, file);
  const working = join(tree.repository.root, file.path);
  const found = expected === undefined ? undefined : lstatSync(working, { throwIfNoEntry: false });
  if (expected === undefined || found?.isFile() !== true) return "not there";
  const mayLink = origin === "checked-out" && (found.mode & 0o7777) === modeOf(file);
  const linked = mayLink ? tryLink(working, place, youngerThan) : undefined;
  if (linked === undefined) copy(file, working, found, place);
  if (await hasDigest(place, expected)) {
    return linked === undefined ? "copied" : { path: file.path, place, ...linked };
  }
  unlinkSync(place);
  return "not there";
}

/** Puts a file's planned bytes in place from git, compared with the object id or the digest that was planned with. */
export async function placeFromGit(tree: GitTree, file: InputFile, place: string): Promise<void> {
  await writeFile(place, await readPlanned(tree, file));
  await chmod(place, modeOf(file));
}

function modeOf(file: InputFile): number {
  return file.mode === "100755" ? 0o755 : 0o644;
}

/** The digest of the bytes that a file of the working tree must have, undefined where git has to make them. */
async function workingDigest(tree: GitTree, file: InputFile): Promise<string | undefined> {
  const { id, conversions } = splitDigest(file.digest);
  if (conversions.length === 0) return id;
  if (conversions.length > 1 || conversions[0] !== "lfs") return undefined;
  return (await lfsDigest(tree, file)) ?? id;
}

/** Undefined: the file system, the number of links, the file's owner or its time does not allow a link. */
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

function copy(file: InputFile, working: string, found: Stats, place: string): void {
  copyFileSync(working, place, constants.COPYFILE_FICLONE);
  chmodSync(place, modeOf(file));
  utimesSync(place, found.atime, found.mtime);
}

/** Small files are read at once: ten thousand of them are staged in a second. */
const readAtOnce = 1024 * 1024;

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

/** `sha1:…+ident+crlf` as the object id and the conversions. */
function splitDigest(digest: string): { readonly id: string; readonly conversions: readonly string[] } {
  const [id = "", ...conversions] = digest.split("+");
  return { id, conversions };
}

/** The content that a Git LFS pointer names, as `lfs:…`; undefined when the blob is no pointer. Source: git-lfs, docs/spec.md. */
async function lfsDigest(tree: GitTree, file: InputFile): Promise<string | undefined> {
  return parsePointer(await tree.read(file.path));
}

function parsePointer(content: Uint8Array): string | undefined {
  if (content.length > 1024) return undefined;
  const text = new TextDecoder().decode(content);
  const id = text.startsWith("version https://git-lfs") ? /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1] : undefined;
  return id === undefined ? undefined : `lfs:${id}`;
}

/** Throws `repository` where git has other bytes than were planned with. */
async function readPlanned(tree: GitTree, file: InputFile): Promise<Uint8Array> {
  const { id, conversions } = splitDigest(file.digest);
  const entry = tree.get(file.path);
  if (entry?.digest !== id || tree.origin(file.path) === "working-tree") throw changedError(file.path);
  const blob = await tree.read(file.path);
  if (blobDigest(blob, tree.repository.objectFormat) !== id) throw changedError(file.path);
  // Of a user's filter or encoding only the digest of its output is known.
  const made = /:sha256:([0-9a-f]+)$/.exec(conversions.join("+"))?.[1];
  if (made !== undefined) {
    const bytes = await readConverted(tree.partOf(file.path), entry);
    if (blobDigest(bytes, "sha256") !== `sha256:${made}`) throw changedError(file.path);
    return bytes;
  }
  if (!conversions.includes("lfs")) return checkedOut(blob, conversions, id.slice(id.indexOf(":") + 1));
  return readLfs(tree, file, blob);
}

/** As git-lfs makes it of its pointer; a blob that is none is the content itself. */
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

/** A file that is not what was planned with any more. */
export function changedError(path: string): SlipwayError {
  return new SlipwayError("files-changed", `"${path}" changed while its build was being prepared`, {
    hint: "run the same command again when nothing writes to the repository",
  });
}
