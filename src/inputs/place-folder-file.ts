import { chmodSync, linkSync, lstatSync, type Stats, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasErrorCode, SlipwayError } from "../errors.ts";
import type { InputFile } from "../model/inputs.ts";
import { modeOf } from "../source/folder/describe-entry.ts";
import type { FolderTree } from "../source/folder/folder-tree.ts";
import { changedError, copyFile, hasDigest, type LinkedFile, tryLink } from "./place-file.ts";

/**
 * Places a file of a folder on disk, with its mode, its time and the bytes that were hashed. Makes a hard link if the file system allows
 * it, else a copy. `youngerThan`: see `placeWorkingFile`. Throws `files-changed` if the file changed since planning.
 */
export async function placeFolderFile(
  tree: FolderTree,
  file: InputFile,
  place: string,
  youngerThan: bigint,
): Promise<LinkedFile | "copied"> {
  const from = join(tree.reader.root, file.path);
  const found = lstatSync(from, { throwIfNoEntry: false });
  if (found === undefined || modeOf(found) !== file.mode) throw changedError(file.path);
  if (!found.isFile()) {
    placeSpecial(file, from, found, place);
    return "copied";
  }
  const linked = tryLink(from, place, youngerThan);
  if (linked === undefined) copyFile(from, found, place, found.mode & 0o7777);
  const [id = "", ...more] = file.digest.split("+");
  if (linked === undefined && more.length > 0) throw cannotCopy(file, "has capabilities");
  if (!(await hasDigest(place, id))) throw changedError(file.path);
  return linked === undefined ? "copied" : { path: file.path, place, ...linked };
}

/** Places a special file. A socket becomes an empty file, as in BuildKit; a pipe and a device can only be linked. */
function placeSpecial(file: InputFile, from: string, found: Stats, place: string): void {
  if (found.isSocket()) {
    writeFileSync(place, "");
    chmodSync(place, found.mode & 0o7777);
    return;
  }
  try {
    linkSync(from, place);
  } catch (error) {
    if (!hasErrorCode(error, "EXDEV", "EPERM", "EMLINK")) throw error;
    throw cannotCopy(file, "is a pipe or a device", error);
  }
}

function cannotCopy({ path }: InputFile, because: string, cause?: unknown): SlipwayError {
  return new SlipwayError("files-unreadable", `"${path}" ${because}, and cannot be copied beside the other files`, {
    hint: "leave it out by a line in .dockerignore, or keep it on the file system of the repository",
    cause,
  });
}

const mark = "+link-of=";

/** The path in the context of the first name of a hard link; undefined: this is the first or only name. */
export function firstNameOf({ digest }: InputFile): string | undefined {
  const at = digest.indexOf(mark);
  return at < 0 ? undefined : digest.slice(at + mark.length);
}
