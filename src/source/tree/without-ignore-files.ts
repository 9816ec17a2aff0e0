import type { SourceTree } from "./source-tree.ts";

/** The same tree as a git context of BuildKit has it: ignore files are files like any other, and leave nothing out. */
export function withoutIgnoreFiles(tree: SourceTree): SourceTree {
  return {
    source: tree.source,
    kindOf: (path) => (path.endsWith(".dockerignore") ? undefined : tree.kindOf(path)),
    read: (path) => tree.read(path),
    list: (folder, filter) => tree.list(folder, filter),
    describeFolders: (paths) => tree.describeFolders(paths),
  };
}
