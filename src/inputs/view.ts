import type { PathFilter, SourceTree, TreeListing } from "../source/tree/source-tree.ts";

/** A build context: a folder of the repository without the paths that its ignore file excludes. */
export interface ContextView {
  readonly tree: SourceTree;
  /** Entries of the folder; positions refer to it. */
  readonly listing: TreeListing;
  /** Path of the folder relative to the repository root; `.` is the root. */
  readonly root: string;
  /** Ignore file, relative to the repository root; undefined: there is none. */
  readonly ignoreFile: string | undefined;
  /** The path in the context of the entry at this position of the listing. */
  localPath(index: number): string;
  /** The path in the repository of a path in the context; `""` is the context itself. */
  treePath(path: string): string;
  /** Whether the entry at this position of the listing is in the context. */
  isVisible(index: number): boolean;
  /** Whether a folder itself is in the context. An ignored folder may still hold paths that an exception includes. */
  isFolderVisible(path: string): boolean;
  /** Positions in the listing of everything below a folder of the context; `""` is the context itself. */
  range(folder: string): readonly [start: number, end: number];
}

/** The folder of a context and its ignore file. */
export type ContextFolder = Pick<ContextView, "tree" | "root" | "ignoreFile">;

export async function makeContextView(context: ContextFolder, filter: PathFilter): Promise<ContextView> {
  const { tree, root } = context;
  const { isIgnored } = filter;
  const listing = await tree.list(root, filter);
  const [first, last] = listing.range(root);
  const prefix = root === "." ? 0 : root.length + 1;
  /** State by position. 0: unknown, 1: visible, 2: ignored. */
  const states = new Uint8Array(last - first);
  const folders = new Map<string, boolean>();
  const localPath = (index: number): string => (listing.paths[index] ?? "").slice(prefix);
  const treePath = (path: string): string => (path === "" ? root : root === "." ? path : `${root}/${path}`);
  return {
    ...context,
    listing,
    localPath,
    treePath,
    isVisible: (index) => {
      if (index < first || index >= last) return false;
      const known = states[index - first];
      if (known !== 0) return known === 1;
      const visible = !isIgnored(localPath(index));
      states[index - first] = visible ? 1 : 2;
      return visible;
    },
    isFolderVisible: (path) => {
      if (path === "") return true;
      const known = folders.get(path);
      if (known !== undefined) return known;
      const visible = !isIgnored(path);
      folders.set(path, visible);
      return visible;
    },
    range: (folder) => listing.range(treePath(folder)),
  };
}
