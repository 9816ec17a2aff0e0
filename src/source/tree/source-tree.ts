import type { InputFile } from "../../model/inputs.ts";

/**
 * What lies at a path; links are not followed. `submodule`: one without a checkout. `git-folder`: a folder called `.git` among files
 * that are read from disk. `unreadable`: a folder of which the content cannot be listed.
 */
export type EntryKind = "file" | "link" | "folder" | "submodule" | "git-folder" | "unreadable";

/** What is left out of a listing; paths are relative to the listed folder. */
export interface PathFilter {
  readonly isIgnored: (path: string) => boolean;
  /** Whether a folder is left out with everything in it. */
  readonly isSkipped: (folder: string) => boolean;
}

/** Where the files of builds are read from: git's trees (`GitTree`), or folders as they lie on disk (`FolderTree`). */
export interface SourceTree {
  readonly source: "git" | "folder";
  /** What lies at a path, relative to the tree's root; undefined: nothing. */
  kindOf(path: string): EntryKind | undefined;
  /** A file's content as it is kept, without conversion; of a symlink, its target. */
  read(path: string): Promise<Uint8Array>;
  /** Everything below a folder (`.` is all). What the filter leaves out may be listed all the same. */
  list(folder: string, filter: PathFilter): Promise<TreeListing>;
  /** Folders as inputs, with their modes. */
  describeFolders(paths: readonly string[]): Promise<readonly InputFile[]>;
}

/** Paths of a tree, by code unit: files, links, empty folders, and what is not looked into. */
export interface TreeListing {
  readonly paths: readonly string[];
  /** Folders with something in them, where folders have modes of their own. Sorted. */
  readonly folders: readonly string[];
  /** The kind of the entry at this position of `paths`. */
  kindAt(index: number): EntryKind;
  /** The position of a path in `paths`. */
  indexOf(path: string): number | undefined;
  /** The positions of everything below a folder (`.` is all), as `[start, end)`. */
  range(folder: string): readonly [start: number, end: number];
  /** The entries at these positions as inputs: mode and digest of each. Reads contents where no digest is known. */
  describe(indices: readonly number[]): Promise<readonly InputFile[]>;
}

/** The first position at which `path` could stand in sorted paths. */
export function lowerBound(paths: readonly string[], path: string): number {
  let low = 0;
  let high = paths.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((paths[middle] ?? "") < path) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The positions in sorted paths of everything below a folder (`.` and empty: all), as `[start, end)`. */
export function rangeBelow(paths: readonly string[], folder: string): readonly [start: number, end: number] {
  if (folder === "." || folder === "") return [0, paths.length];
  // "0" is the code unit after "/".
  return [lowerBound(paths, `${folder}/`), lowerBound(paths, `${folder}0`)];
}
