import { addAll } from "../model/lists.ts";
import { chmodSync, mkdirSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { InputFile } from "../model/inputs.ts";
import { isPortableName } from "../source/git/git.ts";
import type { GitTree } from "../source/tree/tree.ts";
import { blobDigest } from "../source/tree/working-tree.ts";
import { changedError, type LinkedFile, placeFromGit, placeWorkingFile } from "./place-file.ts";
import type { ContextFiles } from "./request.ts";
import { pathInside } from "./tree-path.ts";

/** Folder for a context's files. `youngerThan`: the file system's current time, in nanoseconds. */
export interface StageTarget {
  readonly folder: string;
  readonly youngerThan: bigint;
}

const atOnce = 128;

/** Places a context's files and returns those that are hard links to the files of the tree. */
export async function stageFiles(tree: GitTree, context: ContextFiles, target: StageTarget): Promise<LinkedFile[]> {
  checkNames(context.files);
  makeFolders(context, target.folder);
  const placeOf = (path: string): string => join(target.folder, pathInside(context.root, path));
  const links = context.files.filter(({ mode }) => mode === "120000");
  const { linked, left } = await stageFromGit(tree, context, target);
  // A partial clone fetches all of them in one request.
  await tree.fetch([...left, ...links].map(({ path }) => path));
  for (let start = 0; start < left.length; start += atOnce) {
    await Promise.all(left.slice(start, start + atOnce).map((file) => placeFromGit(tree, file, placeOf(file.path))));
  }
  await Promise.all(links.map((file) => placeLink(tree, file, placeOf(file.path))));
  return linked;
}

/** Places files of the working tree. `left`: the files that the working tree does not have with the planned content. */
async function stageFromGit(
  tree: GitTree,
  context: ContextFiles,
  { folder, youngerThan }: StageTarget,
): Promise<{ readonly linked: LinkedFile[]; readonly left: InputFile[] }> {
  const placeOf = (path: string): string => join(folder, pathInside(context.root, path));
  const left: InputFile[] = [];
  const linked = await placeEach(context.files.filter(isPlainFile), async (file) => {
    const placed = await placeWorkingFile(tree, file, placeOf(file.path), youngerThan);
    if (placed === "not there") left.push(file);
    return placed === "not there" ? "copied" : placed;
  });
  return { linked, left };
}

async function placeEach(
  files: readonly InputFile[],
  place: (file: InputFile) => Promise<LinkedFile | "copied">,
): Promise<LinkedFile[]> {
  const linked: LinkedFile[] = [];
  for (let start = 0; start < files.length; start += atOnce) {
    const placed = await Promise.all(files.slice(start, start + atOnce).map(place));
    addAll(
      linked,
      placed.filter((each) => each !== "copied"),
    );
    // Reading small files blocks the event loop, so events of other builds run between the batches.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return linked;
}

/** Whether BuildKit gets the file's content. */
export function isPlainFile({ mode }: InputFile): boolean {
  return mode.startsWith("10");
}

async function placeLink(tree: GitTree, file: InputFile, place: string): Promise<void> {
  const target = await tree.read(file.path);
  const format = file.digest.startsWith("sha256:") ? "sha256" : "sha1";
  if (blobDigest(target, format) !== file.digest) throw changedError(file.path);
  await symlink(Buffer.from(target), place);
}

function makeFolders({ files, root: from }: ContextFiles, root: string): void {
  const folders = new Set<string>();
  makeFolder(root);
  for (const { path, mode } of files) {
    const local = pathInside(from, path);
    makeFoldersOf(root, mode === "040000" ? `${local}/` : local, folders);
  }
}

function checkNames(files: readonly InputFile[]): void {
  const odd = files.find(({ path }) => !isPortableName(path));
  if (odd === undefined) return;
  throw new SlipwayError("files-unreadable", `the name of the file ${JSON.stringify(odd.path)} is not UTF-8`, {
    hint: "BuildKit cannot take it: rename it, or leave it out in .dockerignore",
  });
}

function makeFoldersOf(root: string, path: string, made: Set<string>): void {
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    const folder = path.slice(0, slash);
    if (made.has(folder)) continue;
    made.add(folder);
    makeFolder(join(root, folder));
  }
}

/** Makes a folder with mode 755, whatever the umask. */
function makeFolder(path: string): void {
  mkdirSync(path);
  chmodSync(path, 0o755);
}
