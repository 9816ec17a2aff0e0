import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { chmod, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { InputFile } from "../model/inputs.ts";
import { isPortableName } from "../source/git/git.ts";
import type { GitTree } from "../source/tree/tree.ts";
import { blobDigest } from "../source/tree/working-tree.ts";
import type { ReadInputs } from "./inputs.ts";
import type { ContextFiles } from "./request.ts";
import { changedError, type LinkedFile, placeFromGit, placeWorkingFile } from "./place-file.ts";
import { nameToSendUnder, type SentFile } from "./sent.ts";
import { makeStageFolder } from "./stage-folder.ts";
import { pathInside } from "./tree-path.ts";

/** Folders for BuildKit with exactly the files that were read. They must not be written to. */
export interface StagedContext {
  readonly contextFolder: string;
  readonly dockerfile: string;
  /** Values of `--build-context` for named contexts that are folders. */
  readonly namedFolders: Readonly<Record<string, string>>;
  /**
   * Checks after the solve that BuildKit saw the staged files. Throws `repository` if a file that is linked to the working tree was written
   * to.
   */
  readonly checkUnchanged: () => void;
  /** Removes the staged folders. Files of the working tree are not affected. */
  readonly remove: () => Promise<void>;
}

/**
 * Stages the inputs of one build inside git's own folder, so that hard links to the working tree are possible. Compares every file's bytes
 * with the planned digest. Modes are 644 and 755 whatever the umask. Throws `repository` if a file has changed since planning or its
 * content is missing.
 */
export async function stageContext(tree: GitTree, read: ReadInputs): Promise<StagedContext> {
  const folder = await makeStageFolder(tree.repository);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const dockerfile = join(folder, "Dockerfile");
    await writeFile(dockerfile, read.dockerfile);
    // This ignore file replaces the context's .dockerignore, which has been applied already. It has a comment, because BuildKit treats an
    // empty file as missing.
    await writeFile(`${dockerfile}.dockerignore`, "# what is here is what was planned with\n");
    await Promise.all([dockerfile, `${dockerfile}.dockerignore`].map((path) => chmod(path, 0o644)));
    const youngerThan = lstatSync(folder, { bigint: true }).mtimeNs;
    const staged = await Promise.all(
      read.contexts.map(async (context, index) => {
        const root = join(folder, `context-${index}`);
        return { ...context, folder: root, linked: await stageFiles(tree, context, { folder: root, youngerThan }) };
      }),
    );
    const [main, ...named] = staged;
    if (main === undefined) throw new RangeError("a build has a context");
    const sent = [
      ...staged.flatMap((each) => sentFiles(each)),
      ...sentFiles({
        name: "",
        root: ".",
        folder,
        files: [{ path: "Dockerfile", mode: "100644", digest: blobDigest(read.dockerfile, "sha256") }],
      }),
    ];
    const contextFolder = join(folder, nameToSendUnder(tree.repository, read.inputs.service, sent, folder));
    await rename(main.folder, contextFolder);
    const linked = [
      ...main.linked.map((file) => ({ ...file, place: join(contextFolder, relative(main.folder, file.place)) })),
      ...named.flatMap((each) => each.linked),
    ];
    return {
      contextFolder,
      dockerfile,
      namedFolders: Object.fromEntries(named.flatMap((each) => (each.name === null ? [] : [[each.name, each.folder]]))),
      checkUnchanged: () => checkLinks(linked),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The attributes by which BuildKit detects changed files. Leaves symlinks out, because BuildKit compares their targets. */
function sentFiles(context: Pick<ContextFiles, "name" | "root" | "files"> & { readonly folder: string }): SentFile[] {
  return context.files.filter(isPlainFile).map(({ path, digest }) => {
    const { size, mtimeMs } = lstatSync(join(context.folder, pathInside(context.root, path)));
    // The Dockerfile's folder has the empty name, which no context has.
    return { context: context.name, path, size, second: Math.floor(mtimeMs / 1000), digest };
  });
}

function checkLinks(linked: readonly LinkedFile[]): void {
  const changed = linked.find(({ place, size, mtimeNs }) => {
    const found = lstatSync(place, { bigint: true, throwIfNoEntry: false });
    return found?.size !== size || found.mtimeNs !== mtimeNs;
  });
  if (changed === undefined) return;
  throw new SlipwayError(
    "files-changed",
    `"${changed.path}" was written to while its build read it: nothing was published`,
    {
      hint: "run the same command again when nothing writes to the repository",
    },
  );
}

/** Folder for a context's files. `youngerThan`: the file system's current time, in nanoseconds. */
interface StageTarget {
  readonly folder: string;
  readonly youngerThan: bigint;
}

/** Places a context's files and returns those that are hard links to the working tree. */
async function stageFiles(tree: GitTree, context: ContextFiles, target: StageTarget): Promise<LinkedFile[]> {
  const { folder, youngerThan } = target;
  checkNames(context.files);
  const placeOf = (path: string): string => join(folder, pathInside(context.root, path));
  makeFolders(context, folder);
  const linked: LinkedFile[] = [];
  const left: InputFile[] = [];
  const atOnce = 128;
  for (let start = 0; start < context.files.length; start += atOnce) {
    const some = context.files.slice(start, start + atOnce).filter(isPlainFile);
    const placed = await Promise.all(some.map((file) => placeWorkingFile(tree, file, placeOf(file.path), youngerThan)));
    for (const [index, file] of some.entries()) {
      const what = placed[index];
      if (what === "not there") left.push(file);
      else if (what !== undefined && what !== "copied") linked.push(what);
    }
    // Reading small files blocks the event loop, so events of other builds run between the batches.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const links = context.files.filter(({ mode }) => mode === "120000");
  // A partial clone fetches all of them in one request.
  await tree.fetch([...left, ...links].map(({ path }) => path));
  for (let start = 0; start < left.length; start += atOnce) {
    await Promise.all(left.slice(start, start + atOnce).map((file) => placeFromGit(tree, file, placeOf(file.path))));
  }
  await Promise.all(links.map((file) => placeLink(tree, file, placeOf(file.path))));
  return linked;
}

function isPlainFile({ mode }: InputFile): boolean {
  return mode === "100644" || mode === "100755";
}

async function placeLink(tree: GitTree, file: InputFile, place: string): Promise<void> {
  const target = await tree.read(file.path);
  if (blobDigest(target, tree.repository.objectFormat) !== file.digest) throw changedError(file.path);
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
  throw new SlipwayError("repository", `the name of the file ${JSON.stringify(odd.path)} is not UTF-8`, {
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
