import { chmodSync, linkSync, lstatSync, type Stats, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasErrorCode, SlipwayError } from "../errors.ts";
import type { InputFile } from "../model/inputs.ts";
import { modeOf } from "../source/folder/describe-entry.ts";
import type { FolderTree } from "../source/folder/folder-tree.ts";
import { changedError, copyFile, hasDigest, type LinkedFile, tryLink } from "./place-file.ts";

/**
 * Puts a file of a folder in place as it lies on disk: with its mode, its time and the bytes that were hashed. A hard link where the file
 * system allows it, else a copy. `youngerThan` as for `placeWorkingFile`. Throws `files-changed` when it is not what was planned with any more.
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

/** A socket arrives in a build as an empty file; a pipe and a device can only be linked. */
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

/** The path in the context of the file that this one is a further name of; undefined: it is the first name, or the only one. */
export function firstNameOf({ digest }: InputFile): string | undefined {
  const at = digest.indexOf(mark);
  return at < 0 ? undefined : digest.slice(at + mark.length);
}
