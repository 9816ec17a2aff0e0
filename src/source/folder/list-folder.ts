import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { hasErrorCode, whileDoing } from "../../errors.ts";
import { byCodeUnit, byKey } from "../../model/order.ts";
import { decodeName } from "../git/git.ts";
import type { EntryKind, PathFilter } from "../tree/source-tree.ts";

/** The content of a folder, sorted by path. */
export interface FolderContent {
  /** Files, links, empty folders, and folders whose content is not listed. A folder of which everything is left out counts as empty. */
  readonly entries: readonly FolderEntry[];
  /** Folders that are not empty. */
  readonly folders: readonly string[];
}

export interface FolderEntry {
  /** Path relative to `root`. */
  readonly path: string;
  readonly kind: EntryKind;
}

/**
 * Walks a folder, given as a path below `root` (`.`: the root itself). Does not list the content of folders that the filter skips, nor of
 * folders called `.git` that it includes.
 */
export async function listFolder(root: string, folder: string, filter: PathFilter): Promise<FolderContent> {
  const entries: FolderEntry[] = [];
  const folders: string[] = [];
  const waiting = [""];
  let visited = 0;
  for (let local = waiting.pop(); local !== undefined; local = waiting.pop()) {
    const above = local === "" ? "" : `${local}/`;
    const path = [folder === "." ? [] : [folder], local === "" ? [] : [local]].flat().join("/");
    const children = readFolder(join(root, path));
    if (children === undefined) {
      entries.push({ path, kind: "unreadable" });
      continue;
    }
    const kept = children.filter(({ name, kind }) => kind !== "folder" || !filter.isSkipped(above + name));
    if (local !== "" && kept.length === 0) entries.push({ path, kind: "folder" });
    else if (local !== "") folders.push(path);
    for (const child of kept) {
      const isWalked = child.kind === "folder" && (child.name !== ".git" || filter.isIgnored(above + child.name));
      if (isWalked) waiting.push(above + child.name);
      else entries.push({ path: path === "" ? child.name : `${path}/${child.name}`, kind: kindOfChild(child) });
    }
    visited += 1;
    // Lets other events run.
    if (visited % 256 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { entries: entries.sort(byKey((entry) => entry.path)), folders: folders.sort(byCodeUnit) };
}

interface Child {
  readonly name: string;
  readonly kind: "file" | "link" | "folder" | "unreadable";
}

function kindOfChild({ name, kind }: Child): EntryKind {
  return kind === "folder" && name === ".git" ? "git-folder" : kind;
}

/** The children of a folder; undefined: this user may not read it. A missing folder is empty. */
function readFolder(place: string): readonly Child[] | undefined {
  try {
    const children = readdirSync(place, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      kind: kindOfEntry(entry),
    }));
    return children.some(({ name }) => name.includes("\uFFFD")) ? readRawFolder(place) : children;
  } catch (error) {
    if (hasErrorCode(error, "EACCES", "EPERM")) return undefined;
    if (hasErrorCode(error, "ENOENT", "ENOTDIR")) return [];
    throw whileDoing(`listing "${place}"`, error);
  }
}

/**
 * The children of a folder with names that may not be UTF-8. A folder with such a name counts as unreadable, because it cannot be opened by
 * its decoded name.
 */
function readRawFolder(place: string): readonly Child[] {
  return readdirSync(place, { withFileTypes: true, encoding: "buffer" }).map((entry) => {
    const name = decodeName(entry.name);
    const kind = kindOfEntry(entry);
    return { name, kind: kind === "folder" && !entry.name.equals(Buffer.from(name)) ? "unreadable" : kind };
  });
}

function kindOfEntry(entry: Pick<Dirent, "isDirectory" | "isSymbolicLink">): "file" | "link" | "folder" {
  return entry.isDirectory() ? "folder" : entry.isSymbolicLink() ? "link" : "file";
}
