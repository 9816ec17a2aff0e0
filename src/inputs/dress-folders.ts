import { chmodSync, lstatSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { byCodeUnit } from "../model/order.ts";
import type { FolderTree } from "../source/folder/folder-tree.ts";
import { prefixesOf } from "./selection.ts";
import type { ContextFiles } from "./request.ts";
import { parentOf } from "./resolve-path.ts";
import { pathInside, treePath } from "./tree-path.ts";

/**
 * Sets modes and times of a staged context's folders, which become part of a layer. Called when all files are in place.
 */
export function dressFolders(tree: FolderTree, { root, files }: ContextFiles, staged: string): void {
  const modes = new Map(files.filter(({ mode }) => mode.startsWith("04")).map(({ path, mode }) => [path, mode]));
  const folders = new Set<string>();
  for (const { path, mode } of files) {
    const local = pathInside(root, path);
    const folder = mode.startsWith("04") ? local : parentOf(local);
    if (folder !== "") for (const each of prefixesOf(folder)) folders.add(each);
  }
  // Innermost first, because creating an entry in a folder changes the folder's time.
  for (const local of [...folders].sort(byCodeUnit).reverse()) {
    const path = treePath(root, local);
    const found = lstatSync(join(tree.reader.root, path), { throwIfNoEntry: false });
    if (found !== undefined) utimesSync(join(staged, local), found.atime, found.mtime);
    const mode = modes.get(path);
    if (mode !== undefined) chmodSync(join(staged, local), bitsOf(mode));
  }
}

/** Permission bits of a folder's mode; `040000` means 755. */
function bitsOf(mode: ContextFiles["files"][number]["mode"]): number {
  return mode === "040000" ? 0o755 : Number.parseInt(mode.slice(2), 8);
}
