import type { PathFilter, SourceTree, TreeListing } from "../source/tree/source-tree.ts";

/** A build context before anything is taken from it: a folder of the repository without what its ignore file leaves out. */
export interface ContextView {
  readonly tree: SourceTree;
  /** What lies in the folder; positions are its own. */
  readonly listing: TreeListing;
  /** Relative to the repository root; `.` is the root. */
  readonly root: string;
  /** The ignore file, relative to the repository root, when there is one. */
  readonly ignoreFile: string | undefined;
  /** The path in the context of the entry at this position of the listing. */
  localPath(index: number): string;
  /** The path in the repository of a path in the context; `""` is the context itself. */
  treePath(path: string): string;
  /** Whether the entry at this position of the listing is in the context. */
  isVisible(index: number): boolean;
  /** Whether a folder is there for its own sake; one that is ignored still holds what an exception brings back. */
  isFolderVisible(path: string): boolean;
  /** Positions in the listing of everything below a folder of the context, `""` being the context itself. */
  range(folder: string): readonly [start: number, end: number];
}

/** The folder of a context, and its ignore file. */
export type ContextFolder = Pick<ContextView, "tree" | "root" | "ignoreFile">;

export async function makeContextView(context: ContextFolder, filter: PathFilter): Promise<ContextView> {
  const { tree, root } = context;
  const { isIgnored } = filter;
  const listing = await tree.list(root, filter);
  const [first, last] = listing.range(root);
  const prefix = root === "." ? 0 : root.length + 1;
  /** 0: not looked at, 1: visible, 2: ignored. */
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
