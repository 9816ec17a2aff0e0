import type { SourceTree } from "./source-tree.ts";

/** Wraps a tree so that its ignore files exclude nothing, as in a git context of BuildKit. */
export function withoutIgnoreFiles(tree: SourceTree): SourceTree {
  return {
    source: tree.source,
    kindOf: (path) => (path.endsWith(".dockerignore") ? undefined : tree.kindOf(path)),
    read: (path) => tree.read(path),
    list: (folder, filter) => tree.list(folder, filter),
    describeFolders: (paths) => tree.describeFolders(paths),
  };
}
