import { accessSync, constants, mkdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { Host } from "../host.ts";
import type { FolderTree } from "../source/folder/folder-tree.ts";
import type { GitTree } from "../source/tree/tree.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

/** The place where a tree's builds are staged. */
export interface StageHome {
  readonly host: Pick<Host, "processId" | "isRunning">;
  /** Parent of the staged folders, on the file system of the files if possible, so that hard links can be made. */
  readonly stages: string;
  /** Folder of the records of sent files; undefined: no records are kept. */
  readonly records: string | undefined;
  /** Facts that the names for BuildKit depend on. A copy of the folder contains the records too, but must not use the same names. */
  readonly boundTo: readonly string[];
}

/**
 * Chooses the place for staging: inside git's own folder, which builds do not see. For a folder outside of repositories, or in one that
 * this user may not write to, inside the user's cache folder; else in the machine's temporary folder, without records.
 */
export function stageHomeOf(tree: GitTree | FolderTree): StageHome {
  if (tree.source === "git") {
    const { host, gitFolder, root } = tree.repository;
    return homeIn(host, gitFolder, root);
  }
  const { host, root } = tree.reader;
  const context = join(root, tree.context);
  const folders = [context, ...Object.values(tree.contexts).map((path) => join(root, path))];
  const gitFolder = findGitFolder(context);
  if (gitFolder !== undefined && isWritable(gitFolder)) {
    return homeIn(host, gitFolder, context);
  }
  const cache = cacheFolder(host.env);
  const isRead = cache !== undefined && folders.some((folder) => !relative(folder, cache).startsWith(".."));
  if (cache === undefined || isRead) {
    return { host, stages: tmpdir(), records: undefined, boundTo: [] };
  }
  mkdirSync(cache, { recursive: true });
  return homeIn(host, cache, context);
}

function homeIn(host: StageHome["host"], parent: string, root: string): StageHome {
  const folder = join(parent, "slipway");
  const boundTo = [root, String(statSync(parent).ino)];
  return { host, stages: join(folder, "stage"), records: join(folder, "sent"), boundTo };
}

/** git's own folder of the repository that contains a folder; undefined: there is none. */
function findGitFolder(folder: string): string | undefined {
  const place = join(folder, ".git");
  const found = statSync(place, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return place;
  if (found?.isFile() === true) return followGitFile(place);
  return dirname(folder) === folder ? undefined : findGitFolder(dirname(folder));
}

/** Follows the file `.git` of a worktree or a submodule. Source: gitrepository-layout(5). */
function followGitFile(place: string): string | undefined {
  const target = /^gitdir: (.+)$/m.exec(readFileSync(place, "utf8"))?.[1];
  const folder = target === undefined ? undefined : resolve(dirname(place), target);
  return folder !== undefined && statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
    ? folder
    : undefined;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The user's cache folder; undefined: there is none that is writable. A path in `XDG_CACHE_HOME` must be absolute. Source: XDG Base
 * Directory Specification.
 */
function cacheFolder({ XDG_CACHE_HOME: given, HOME: home }: Host["env"]): string | undefined {
  if (given !== undefined && isAbsolute(given)) return given;
  return home !== undefined && isAbsolute(home) && home !== sep && isWritable(home) ? join(home, ".cache") : undefined;
}

/** Makes an empty folder to stage a build in. */
export function makeStageFolder({ host, stages }: StageHome): Promise<string> {
  return makeTemporaryFolder(host, "stage", stages);
}
