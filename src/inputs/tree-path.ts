/** A path relative to a folder of the tree, as a path of the whole tree. `folder`: `.` for the root. */
export function treePath(folder: string, path: string): string {
  return folder === "." ? path : `${folder}/${path}`;
}

/** A path of the tree that is in this folder, relative to the folder. */
export function pathInside(folder: string, path: string): string {
  return folder === "." ? path : path.slice(folder.length + 1);
}
