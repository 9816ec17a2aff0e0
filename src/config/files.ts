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
  readonly trackedSet: ReadonlySet<string>;
  readText(path: string): Promise<string | undefined>;
  isFile(path: string): Promise<boolean>;
  isFolder(path: string): Promise<boolean>;
}

export function makeFiles(root: string, given: RepositoryFiles): Files {
  const trackedSet = new Set(given.tracked);
  const folders = new Set<string>(["."]);
  for (const path of given.tracked) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  const kindOnDisk = async (path: string): Promise<"file" | "folder" | undefined> => {
    const found = await stat(resolve(root, path)).catch(() => undefined);
    return found?.isFile() === true ? "file" : found?.isDirectory() === true ? "folder" : undefined;
  };
  return {
    root,
    tracked: given.tracked,
    trackedSet,
    async readText(path) {
      const bytes = (await given.read(path)) ?? (await readFile(resolve(root, path)).catch(() => undefined));
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    },
    isFile: async (path) => trackedSet.has(path) || (await kindOnDisk(path)) === "file",
    isFolder: async (path) => folders.has(path) || (await kindOnDisk(path)) === "folder",
  };
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
