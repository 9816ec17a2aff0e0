import type { InputFile } from "../../model/inputs.ts";

/**
 * Kind of an entry; links are not followed. `submodule`: one without a checkout. `git-folder`: a folder called `.git` among files that are
 * read from disk. `unreadable`: a folder whose content cannot be listed.
 */
export type EntryKind = "file" | "link" | "folder" | "submodule" | "git-folder" | "unreadable";

/** Paths that a listing leaves out, relative to the listed folder. */
export interface PathFilter {
  readonly isIgnored: (path: string) => boolean;
  /** Whether a folder is left out with everything in it. */
  readonly isSkipped: (folder: string) => boolean;
}

/** The tree that the files of builds are read from: git's trees (`GitTree`), or folders on disk (`FolderTree`). */
export interface SourceTree {
  readonly source: "git" | "folder";
  /** The kind of the entry at a path relative to the tree's root; undefined: nothing exists there. */
  kindOf(path: string): EntryKind | undefined;
  /** Reads a file's stored content, without conversion; of a symlink, its target. */
  read(path: string): Promise<Uint8Array>;
  /** Lists everything below a folder (`.` is all). The listing may still contain paths that the filter leaves out. */
  list(folder: string, filter: PathFilter): Promise<TreeListing>;
  /** Describes folders as inputs, with their modes. */
  describeFolders(paths: readonly string[]): Promise<readonly InputFile[]>;
}

/** Paths of a tree in code unit order: files, links, empty folders, and folders whose content is not listed. */
export interface TreeListing {
  readonly paths: readonly string[];
  /** Folders that are not empty, sorted; only for trees whose folders have modes. */
  readonly folders: readonly string[];
  /** The kind of the entry at this position of `paths`. */
  kindAt(index: number): EntryKind;
  /** The position of a path in `paths`. */
  indexOf(path: string): number | undefined;
  /** The positions of everything below a folder (`.` is all), as `[start, end)`. */
  range(folder: string): readonly [start: number, end: number];
  /** Describes the entries at these positions as inputs, with mode and digest. Reads the content if the digest is unknown. */
  describe(indices: readonly number[]): Promise<readonly InputFile[]>;
}

/** The first position at which `path` may be inserted into sorted paths. */
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
