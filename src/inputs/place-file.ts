import { createHash } from "node:crypto";
import { constants, createReadStream, linkSync, lstatSync, type Stats } from "node:fs";
import { chmod, copyFile, link, lstat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { InputFile } from "../model/inputs.ts";
import { readConverted } from "../source/attributes.ts";
import { splitNames } from "../source/git.ts";
import type { SourceTree } from "../source/tree.ts";
import { digestWorkingFile } from "../source/working-tree.ts";

/** What all files of one stage have in common. */
export interface Placing {
  readonly tree: SourceTree;
  /** git's word that a file is clean does not mean that it has the blob's bytes. */
  readonly mayHideChanges: boolean;
  /** Files that git was told not to look at. */
  readonly flagged: ReadonlySet<string>;
}

/**
 * The usual case, as fast as it can be: a file that git calls clean, whose mode is right, becomes a hard link. False: it takes
 * more, and nothing was done. Links are never written to, nor are their modes changed.
 */
export function linkClean(placing: Placing, file: InputFile, place: string): boolean {
  const { tree, flagged, mayHideChanges } = placing;
  if (mayHideChanges || flagged.has(file.path) || tree.origin(file.path) !== "checked-out") return false;
  const working = join(tree.repository.root, file.path);
  const found = lstatSync(working, { throwIfNoEntry: false });
  if (found?.isFile() !== true || !isOld(found, tree) || (found.mode & 0o7777) !== modeOf(file)) return false;
  try {
    linkSync(working, place);
    return true;
  } catch {
    // Another file system, too many links, or a file of another user's.
    return false;
  }
}

/** Some file systems keep times by two seconds; the kernel's clock for them lags by some milliseconds. */
const timeGrain = 2000;

/** Whether a file did not change since the repository was looked at, by its times. */
function isOld(found: Stats, tree: SourceTree): boolean {
  const before = tree.repository.openedAt - timeGrain;
  return found.mtimeMs < before && found.ctimeMs < before;
}

/**
 * Puts the planned content of one file in place: as a hard link to the working tree where that has it, else as a copy, else
 * from git. Times are those of the working tree, which web servers make ETags of.
 */
export async function placeFile(placing: Placing, file: InputFile, place: string): Promise<void> {
  const { tree, flagged } = placing;
  const origin = tree.origin(file.path);
  const working = join(tree.repository.root, file.path);
  if (origin === "working-tree") return copyChanged(tree, file, working, place);
  const found = origin === "checked-out" && !flagged.has(file.path) ? await lstatFile(working) : undefined;
  if (found !== undefined && (await hasPlannedContent(placing, file, working, found))) {
    return linkOrCopy(file, working, found, place);
  }
  return writeFromGit(tree, file, place);
}

function modeOf(file: InputFile): number {
  return file.mode === "100755" ? 0o755 : 0o644;
}

async function lstatFile(path: string): Promise<Stats | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() === true ? found : undefined;
}

async function copyChanged(tree: SourceTree, file: InputFile, working: string, place: string): Promise<void> {
  const found = await lstatFile(working);
  if (found === undefined) throw changedError(file.path);
  await copy(file, working, found, place);
  const digest = await digestWorkingFile(place, found.size, tree.repository.objectFormat);
  if (digest !== file.digest) throw changedError(file.path);
}

function changedError(path: string): SlipwayError {
  return new SlipwayError("repository", `"${path}" changed while its build was being prepared`, {
    hint: "run the same command again when nothing writes to the repository",
  });
}

/** Whether the working tree's file has the bytes that were planned with. Read only where git's word is not enough. */
async function hasPlannedContent(placing: Placing, file: InputFile, working: string, found: Stats): Promise<boolean> {
  const { tree, mayHideChanges } = placing;
  const { objectFormat } = tree.repository;
  const [digest, conversion] = splitConversion(file.digest);
  if (conversion === "lfs") return (await lfsDigest(tree, file)) === (await sha256OfFile(working));
  if (conversion !== undefined) return false;
  return (
    (isOld(found, tree) && !mayHideChanges) || (await digestWorkingFile(working, found.size, objectFormat)) === digest
  );
}

function splitConversion(digest: string): [digest: string, conversion?: string] {
  const plus = digest.indexOf("+");
  return plus < 0 ? [digest] : [digest.slice(0, plus), digest.slice(plus + 1)];
}

/** The content that a Git LFS pointer names; undefined when the blob is no pointer. Source: git-lfs, docs/spec.md. */
async function lfsDigest(tree: SourceTree, file: InputFile): Promise<string | undefined> {
  return parsePointer(await tree.read(file.path));
}

function parsePointer(content: Uint8Array): string | undefined {
  if (content.length > 1024) return undefined;
  const text = new TextDecoder().decode(content);
  return text.startsWith("version https://git-lfs") ? /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1] : undefined;
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

/** A link where mode and file system allow it, else a copy. */
async function linkOrCopy(file: InputFile, working: string, found: Stats, place: string): Promise<void> {
  if ((found.mode & 0o7777) === modeOf(file)) {
    const linked = await link(working, place).then(
      () => true,
      // Another file system, too many links, or a file of another user's.
      () => false,
    );
    if (linked) return;
  }
  await copy(file, working, found, place);
}

async function copy(file: InputFile, working: string, found: Stats, place: string): Promise<void> {
  await copyFile(working, place, constants.COPYFILE_FICLONE);
  await chmod(place, modeOf(file));
  await utimes(place, found.atime, found.mtime);
}

async function writeFromGit(tree: SourceTree, file: InputFile, place: string): Promise<void> {
  const [digest, conversion] = splitConversion(file.digest);
  const entry = tree.get(file.path);
  if (entry?.digest !== digest) throw changedError(file.path);
  const content =
    conversion === undefined ? await tree.read(file.path) : await readConverted(tree.partOf(file.path), entry);
  if (conversion === "lfs" && parsePointer(content) !== undefined) {
    throw new SlipwayError("repository", `"${file.path}" is kept in Git LFS, and its content is not there`, {
      hint: `fetch it: git lfs pull --include ${JSON.stringify(file.path)}`,
    });
  }
  await writeFile(place, content);
  await chmod(place, modeOf(file));
}

const flaggedByTree = new WeakMap<SourceTree, Promise<ReadonlySet<string>>>();

/** Files marked assume-unchanged or skip-worktree: `git status` says nothing of them, whatever they hold. */
export function readFlagged(tree: SourceTree): Promise<ReadonlySet<string>> {
  const known = flaggedByTree.get(tree) ?? readFlags(tree);
  flaggedByTree.set(tree, known);
  return known;
}

async function readFlags(tree: SourceTree): Promise<ReadonlySet<string>> {
  const flagged = new Set<string>();
  for (const { isCheckedOut, git, prefix } of tree.parts) {
    if (!isCheckedOut) continue;
    for (const record of splitNames(await git(["ls-files", "-v", "-z"]))) {
      if (!record.startsWith("H ")) flagged.add(prefix + record.slice(2));
    }
  }
  return flagged;
}
