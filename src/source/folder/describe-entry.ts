import {
  type BigIntStats,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { hasErrorCode, SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import type { FileMode, InputFile } from "../../model/inputs.ts";
import { isPortableName } from "../git/git.ts";
import { blobDigest, digestWorkingFile } from "../tree/working-tree.ts";
import { type DigestMemory, isSameState } from "./digest-memory.ts";

/** Host, root and digest memory for reading entries. */
export interface EntryReader {
  readonly host: Host;
  /** Absolute path of the folder that paths of entries are relative to. */
  readonly root: string;
  readonly memory: DigestMemory;
}

/** An entry as an input, with the stats that identify hard links. */
export interface DescribedEntry {
  readonly file: InputFile;
  readonly stats: BigIntStats;
}

/**
 * Reads an entry on disk: its mode and the digest of its content. A socket counts as an empty file, as in BuildKit. Throws `files-changed`
 * if the entry is gone or was written to during the read, `files-unreadable` if this user may not read it.
 */
export async function describeEntry(reader: EntryReader, path: string): Promise<DescribedEntry> {
  if (!isPortableName(path)) throw notUtf8Error(path);
  const place = join(reader.root, path);
  try {
    const stats = lstatSync(place, { bigint: true });
    return { file: { path, mode: modeOf(stats), digest: await digestOf(reader, path, stats) }, stats };
  } catch (error) {
    throw explain(error, path);
  }
}

/** Type and permission bits in the form of `FileMode`. */
function modeOf(stats: BigIntStats | Stats): FileMode {
  if (stats.isSymbolicLink()) return "120000";
  const bits = Number(stats.mode) & 0o7777;
  if (stats.isDirectory()) return bits === 0o755 ? "040000" : `04${octal(bits)}`;
  if (stats.isFIFO()) return `01${octal(bits)}`;
  if (stats.isCharacterDevice()) return `02${octal(bits)}`;
  if (stats.isBlockDevice()) return `06${octal(bits)}`;
  return `10${octal(bits)}`;
}

function octal(bits: number): string {
  return bits.toString(8).padStart(4, "0");
}

const nothing = blobDigest(new Uint8Array(0), "sha256");

async function digestOf(reader: EntryReader, path: string, stats: BigIntStats): Promise<string> {
  const place = join(reader.root, path);
  if (stats.isSymbolicLink()) return blobDigest(readlinkSync(place, { encoding: "buffer" }), "sha256");
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return `device:${stats.rdev}`;
  if (!stats.isFile()) return nothing;
  const known = reader.memory.get(stats);
  if (known !== undefined) return known;
  const readAt = Date.parse(reader.host.now());
  const digest = await digestFile(place, stats.size);
  if (!isSameState(stats, lstatSync(place, { bigint: true }))) throw changedMeanwhile(path);
  reader.memory.set(stats, digest, readAt);
  return digest;
}

/** Size in bytes below which a file is read in one synchronous call, which reads ten thousand files in a second. */
const readAtOnce = 1024 * 1024;

function digestFile(place: string, size: bigint): Promise<string> | string {
  if (size >= readAtOnce) return digestWorkingFile(place, Number(size), "sha256");
  const descriptor = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return blobDigest(readFileSync(descriptor), "sha256");
  } finally {
    closeSync(descriptor);
  }
}

function explain(error: unknown, path: string): unknown {
  if (hasErrorCode(error, "EACCES", "EPERM")) return unreadableError(path, error);
  if (hasErrorCode(error, "ENOENT", "ENOTDIR", "ELOOP", "EISDIR")) return changedMeanwhile(path, error);
  return error;
}

/** The error for a file or folder that this user may not read. */
export function unreadableError(path: string, cause?: unknown): SlipwayError {
  return new SlipwayError("files-unreadable", `"${path}" is part of a build, and this user may not read it`, {
    hint: "change its owner or mode (BuildKit would take it as empty, or fail), or leave it out by a line in .dockerignore",
    cause,
  });
}

function notUtf8Error(path: string): SlipwayError {
  return new SlipwayError("files-unreadable", `the name of the file ${JSON.stringify(path)} is not UTF-8`, {
    hint: "BuildKit cannot take it: rename it, or leave it out in .dockerignore",
  });
}

function changedMeanwhile(path: string, cause?: unknown): SlipwayError {
  return new SlipwayError("files-changed", `"${path}" changed while it was being read`, {
    hint: "run the same command again when nothing writes to it",
    cause,
  });
}
