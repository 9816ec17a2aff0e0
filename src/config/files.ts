import { trimEndOf } from "../formats/trim.ts";
import { readFile, realpath, stat } from "node:fs/promises";
import { posix, relative, resolve, sep } from "node:path";
import { addFault, type Faults } from "./written/place.ts";
import { leadsOut, type ResolvedPath, outsideFault, withinRepository } from "./project/within-repository.ts";

/** The repository, as discovery reads it. Paths are POSIX and relative to the root. */
export interface RepositoryFiles {
  /** Every file git tracks, sorted. */
  readonly tracked: readonly string[];
  /** Reads from the working tree, or from git in a sparse checkout. Undefined: there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Whether git tracks it as a symlink, whose content is its target. */
  isLink(path: string): boolean;
  /** The URL of `origin`, without credentials. */
  readonly remote: string | undefined;
}

/**
 * The files that definitions may name. Untracked files (`.env`) are read from the disk. A path out of the repository is a fault and reads
 * as empty, unless slipway.yaml allows it.
 */
export interface Files {
  readonly root: string;
  readonly tracked: readonly string[];
  isTracked(path: string): boolean;
  readText(path: string): Promise<string | undefined>;
  isFile(path: string): Promise<boolean>;
  isFolder(path: string): Promise<boolean>;
  /** The absolute target of a path that leaves the repository without permission; undefined: it may be read. Adds no fault. */
  outside(path: string): Promise<string | undefined>;
}

/** Limits of reading, and the list for faults. */
export interface FileLimits {
  readonly faults: Faults;
  /** Files and folders outside of the repository, absolute and without links. */
  readonly allowed: readonly string[];
}

export function makeFiles(root: string, given: RepositoryFiles, { faults, allowed }: FileLimits): Files {
  const { tracked } = given;
  const isTracked = (path: string): boolean => tracked[firstFrom(tracked, path)] === path;
  const isTrackedFolder = (path: string): boolean =>
    path === "." || tracked[firstFrom(tracked, `${path}/`)]?.startsWith(`${path}/`) === true;
  const kindOnDisk = async (path: string): Promise<"file" | "folder" | undefined> => {
    const found = await stat(resolve(root, path)).catch(() => undefined);
    return found?.isFile() === true ? "file" : found?.isDirectory() === true ? "folder" : undefined;
  };
  const links = {
    root,
    isTracked,
    linkTarget: async (path: string) => {
      const target = isTracked(path) && given.isLink(path) ? await given.read(path) : undefined;
      return target === undefined ? undefined : new TextDecoder().decode(target);
    },
  };
  const located = new Map<string, Promise<ResolvedPath>>();
  const locate = (path: string): Promise<ResolvedPath> => {
    const known = located.get(path) ?? withinRepository(links, path);
    located.set(path, known);
    return known;
  };
  const isAllowed = (place: string): boolean =>
    allowed.some((each) => place === each || place.startsWith(`${each}${sep}`));
  /** The path to read; undefined, and a fault, if it leaves the repository. */
  const readable = async (path: string): Promise<string | undefined> => {
    const found = await locate(path);
    if (found.kind === "inside") return found.path;
    if (isAllowed(found.place)) return found.place;
    addFault(faults, { file: path }, outsideFault("this path", found.place, root));
    return undefined;
  };
  return {
    root,
    tracked,
    isTracked,
    async readText(path) {
      const place = await readable(path);
      if (place === undefined) return "";
      const bytes = (await given.read(place)) ?? (await readFile(resolve(root, place)).catch(() => undefined));
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    },
    isFile: async (path) => {
      const place = await readable(path);
      return place === undefined || isTracked(place) || (await kindOnDisk(place)) === "file";
    },
    isFolder: async (path) => {
      const place = await readable(path);
      return place === undefined || isTrackedFolder(place) || (await kindOnDisk(place)) === "folder";
    },
    outside: async (path) => {
      const found = await locate(path);
      return found.kind === "inside" || isAllowed(found.place) ? undefined : found.place;
    },
  };
}

/** Resolves the paths of `allow.files`: absolute, without links; missing files are left out. */
export async function resolveAllowed(
  root: string,
  written: readonly string[],
  home: string | undefined,
): Promise<string[]> {
  const places = await Promise.all(
    written.map(async (path) => {
      const fromHome = /^~\/(.*)$/s.exec(path)?.[1];
      if (fromHome !== undefined && home === undefined) return undefined;
      return realpath(resolve(root, fromHome === undefined ? path : resolve(home ?? "/", fromHome))).catch(
        () => undefined,
      );
    }),
  );
  return places.filter((place) => place !== undefined);
}

/** Finds the first path that is not before `text`. Paths are sorted, so those with a common prefix are adjacent. */
export function firstFrom(sorted: readonly string[], text: string): number {
  let low = 0;
  for (let high = sorted.length; low < high;) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? "") < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Resolves a path in a file of folder `from`, relative to the root; undefined when it leaves the repository. */
export function pathFromRoot(from: string, written: string): string | undefined {
  if (written.startsWith("/")) return undefined;
  const joined = posix.normalize(posix.join(from, written));
  const path = trimEndOf(joined, "/") || joined;
  return path === ".." || path.startsWith("../") ? undefined : path;
}

/** Makes a path inside the root relative to it, and returns any other path unchanged. */
export function insideRoot(root: string, path: string): string {
  const inside = relative(root, resolve(root, path));
  return leadsOut(inside) ? path : inside.split(sep).join("/");
}
