import { readFile, stat } from "node:fs/promises";
import { isAbsolute, posix, relative, resolve, sep } from "node:path";

/** What discovery needs of the repository. Paths are POSIX and relative to the root. */
export interface RepositoryFiles {
  /** Every file git tracks, sorted. */
  readonly tracked: readonly string[];
  /** From the working tree, or from git where the checkout is sparse. Undefined: not there. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** The URL of `origin`, without credentials. */
  readonly remote: string | undefined;
}

/** The repository's files as discovery asks about them; files that git does not track (`.env`) are read from the disk. */
export interface Files {
  readonly root: string;
  readonly tracked: readonly string[];
  isTracked(path: string): boolean;
  readText(path: string): Promise<string | undefined>;
  isFile(path: string): Promise<boolean>;
  isFolder(path: string): Promise<boolean>;
}

export function makeFiles(root: string, given: RepositoryFiles): Files {
  const { tracked } = given;
  const isTracked = (path: string): boolean => tracked[firstFrom(tracked, path)] === path;
  const isTrackedFolder = (path: string): boolean =>
    path === "." || tracked[firstFrom(tracked, `${path}/`)]?.startsWith(`${path}/`) === true;
  const kindOnDisk = async (path: string): Promise<"file" | "folder" | undefined> => {
    const found = await stat(resolve(root, path)).catch(() => undefined);
    return found?.isFile() === true ? "file" : found?.isDirectory() === true ? "folder" : undefined;
  };
  return {
    root,
    tracked,
    isTracked,
    async readText(path) {
      const bytes = (await given.read(path)) ?? (await readFile(resolve(root, path)).catch(() => undefined));
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    },
    isFile: async (path) => isTracked(path) || (await kindOnDisk(path)) === "file",
    isFolder: async (path) => isTrackedFolder(path) || (await kindOnDisk(path)) === "folder",
  };
}

/** The position of the first path that is not before `text`; paths are sorted, so those under a prefix lie together. */
export function firstFrom(sorted: readonly string[], text: string): number {
  let low = 0;
  for (let high = sorted.length; low < high;) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? "") < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A path written in a file of folder `from`, as a path from the root; undefined when it leaves the repository. */
export function pathFromRoot(from: string, written: string): string | undefined {
  if (written.startsWith("/")) return undefined;
  const path = posix.normalize(posix.join(from, written)).replace(/(?<=.)\/+$/, "");
  return path === ".." || path.startsWith("../") ? undefined : path;
}

/** An absolute or relative path of the machine, as a path from the root where it lies inside of it. */
export function insideRoot(root: string, path: string): string {
  const inside = relative(root, resolve(root, path));
  return inside.startsWith("..") || isAbsolute(inside) ? path : inside.split(sep).join("/");
}
