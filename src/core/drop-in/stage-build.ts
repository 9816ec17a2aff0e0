import {
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  utimesSync,
  chmodSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { isInterruption } from "../../errors.ts";
import type { Host } from "../../host.ts";
import type { ContextFiles } from "../../inputs/request.ts";
import { makeStageFolder, stageHomeOf } from "../../inputs/stage-home.ts";
import { rewritePaths } from "../../invocation/change-arguments.ts";
import { FolderTree } from "../../source/folder/folder-tree.ts";
import { removeTemporaryFolder } from "../../temporary-folder.ts";
import type { InvocationReading } from "./read-invocation.ts";
import type { DropInRequest } from "./request.ts";

/** Arguments and environment that run the caller's build on exactly the files that were read. */
export interface StagedBuild {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The caller's path of a staged one; every other path stays as it is. */
  readonly originalOf: (path: string) => string;
  readonly remove: () => Promise<void>;
}

/**
 * Stages only the files that were read, in copies of the folders that the caller's paths name, and points git at their repository, so that
 * BuildKit gets the same bytes, modes and times and writes the same provenance. Undefined: this is not possible here, and the build runs in
 * the original folders.
 */
export async function stageBuild(
  host: Host,
  { argv, cwd }: Pick<DropInRequest, "argv" | "cwd">,
  { files: { tree, places } }: Pick<InvocationReading, "files">,
  contexts: readonly ContextFiles[],
): Promise<StagedBuild | undefined> {
  if (!(tree instanceof FolderTree) || Object.keys(host.env).some(changesGit)) return undefined;
  const { root } = tree.reader;
  const git = await findRepository(host, join(root, places.context));
  if (git === "unreadable") return undefined;
  const top = git === undefined || isIn(git.root, root) ? root : git.root;
  const work = realpathSync(cwd);
  if (!isIn(work, top)) return undefined;
  const folder = await makeStageFolder(stageHomeOf(tree));
  const remove = (): Promise<void> => removeTemporaryFolder(folder);
  const stage = join(folder, basename(top) || "root");
  const placeOf = (path: string): string => join(stage, relative(top, path));
  const originalOf = (path: string): string => (isIn(path, stage) ? join(top, relative(stage, path)) : path);
  const rewritten = rewriteFor({ argv, work, top, placeOf, known: knownPaths(root, places) });
  try {
    if (rewritten === undefined) throw new NotStaged();
    layOut([...contextFolders(root, places), ...pathsOf(root, contexts), ...besideFiles(root, places)], {
      top,
      placeOf,
    });
    mkdirSync(placeOf(work), { recursive: true });
    const env =
      git === undefined ? { GIT_DIR: join(folder, "none") } : { GIT_DIR: git.folder, GIT_WORK_TREE: placeOf(git.root) };
    return { argv: rewritten, cwd: placeOf(work), env, originalOf, remove };
  } catch (error) {
    await remove();
    // This includes files that changed or cannot be read meanwhile. The build itself reports them.
    if (isInterruption(error)) throw error;
    return undefined;
  }
}

/** The files cannot be staged in a way that BuildKit would not notice. */
class NotStaged extends Error {}

/** Whether a variable makes buildx use another repository, or look for changes in it. */
function changesGit(name: string): boolean {
  return (
    name === "BUILDX_GIT_CHECK_DIRTY" || ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"].includes(name)
  );
}

interface GitPlace {
  readonly root: string;
  readonly folder: string;
}

/** The repository of a folder; undefined: there is none. `unreadable`: git refuses to read it, but would not if it were pointed at it. */
async function findRepository(host: Host, folder: string): Promise<GitPlace | "unreadable" | undefined> {
  const args = ["-C", folder, "rev-parse", "--show-toplevel", "--absolute-git-dir"];
  const { exitCode, stdout, stderr } = await host.run("git", args, { env: { LC_ALL: "C" } });
  const [root, gitFolder] = new TextDecoder().decode(stdout).split("\n");
  if (exitCode === 0 && root !== undefined && gitFolder !== undefined)
    return { root: realpathSync(root), folder: gitFolder };
  return /not a git repository/.test(stderr) ? undefined : "unreadable";
}

/** Absolute paths that arguments may name, with links resolved. */
function knownPaths(
  root: string,
  { context, dockerfile, contexts }: InvocationReading["files"]["places"],
): ReadonlySet<string> {
  return new Set([context, dockerfile, ...Object.values(contexts)].map((path) => join(root, path)));
}

/** Rewrites the paths in the arguments; undefined: an argument names a path through a link, or one that is not staged. */
function rewriteFor(at: {
  readonly argv: readonly string[];
  readonly work: string;
  readonly top: string;
  readonly placeOf: (path: string) => string;
  readonly known: ReadonlySet<string>;
}): string[] | undefined {
  let isKnown = true;
  const source = (path: string): string => {
    const place = resolve(at.work, path);
    isKnown &&= at.known.has(place) && isIn(place, at.top);
    return isAbsolute(path) ? at.placeOf(place) : path;
  };
  const rewritten = rewritePaths(at.argv, { source, other: (path) => resolve(at.work, path) });
  return isKnown ? rewritten : undefined;
}

/** Folders of all contexts: buildx looks for each that it is given, also for one from which nothing is read. */
function contextFolders(root: string, { context, contexts }: InvocationReading["files"]["places"]): string[] {
  return [context, ...Object.values(contexts)].map((path) => join(root, path));
}

function pathsOf(root: string, contexts: readonly ContextFiles[]): string[] {
  return contexts.flatMap(({ files }) => files.map(({ path }) => join(root, path)));
}

/** Paths of the Dockerfile and the ignore files, which BuildKit reads in addition to the contexts. */
function besideFiles(root: string, { context, dockerfile, contexts }: InvocationReading["files"]["places"]): string[] {
  const ignoreFiles = [
    `${dockerfile}.dockerignore`,
    ...[context, ...Object.values(contexts)].map((path) => join(path, ".dockerignore")),
  ];
  const found = [
    join(root, dockerfile),
    ...ignoreFiles.map((path) => join(root, path)).filter((path) => existsSync(path)),
  ];
  if (found.some((path) => !lstatSync(path).isFile())) throw new NotStaged();
  return found;
}

/** Hard-links every file, recreates symlinks and folders, and sets modes and times of the folders. */
function layOut(
  paths: readonly string[],
  { top, placeOf }: { readonly top: string; readonly placeOf: (path: string) => string },
): void {
  const folders = new Map<string, string>();
  const addFolder = (path: string): void => {
    if (folders.has(path)) return;
    if (path !== top) addFolder(dirname(path));
    else mkdirSync(dirname(placeOf(top)), { recursive: true });
    folders.set(path, placeOf(path));
    mkdirSync(placeOf(path));
  };
  const placed = new Set<string>();
  for (const path of paths) {
    const found = lstatSync(path);
    addFolder(found.isDirectory() ? path : dirname(path));
    if (found.isDirectory() || placed.has(path)) continue;
    placed.add(path);
    if (found.isFile()) linkSync(path, placeOf(path));
    else if (found.isSymbolicLink()) copyLink(path, placeOf(path));
    else throw new NotStaged();
  }
  // Innermost first, because creating an entry in a folder changes the folder's time.
  for (const [path, place] of [...folders].reverse()) {
    const { mode, atime, mtime } = lstatSync(path);
    chmodSync(place, mode & 0o7777);
    utimesSync(place, atime, mtime);
  }
}

function copyLink(path: string, place: string): void {
  const { atime, mtime } = lstatSync(path);
  symlinkSync(readlinkSync(path, { encoding: "buffer" }), place);
  lutimesSync(place, atime, mtime);
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}
