import { posix } from "node:path";
import { addAll } from "../model/lists.ts";
import type { EntryKind, SourceTree } from "../source/tree/source-tree.ts";
import { treePath } from "./tree-path.ts";

/** Number of symlinks after which BuildKit gives up on a path. */
const maximumLinks = 255;
/** Linux makes no symlink with a longer target, and follows none. */
const longestTarget = 4095;

/** A folder of the repository within which paths are followed. */
export interface PathRoot {
  readonly tree: SourceTree;
  /** Path of the folder relative to the repository root; `.` is the root. */
  readonly root: string;
  /** Target of `..` above the root and of absolute links: the root itself, as in BuildKit, or nowhere, as on a disk. */
  readonly above: "root" | "nowhere";
  /** Called with every entry on the way, as a path of the tree. If it returns false, the entry counts as missing. */
  readonly passes?: (path: string, kind: EntryKind) => boolean;
}

/** Follows symlinks in the middle and at the end of a path. Returns a path below the root; undefined: nothing exists there. */
export async function resolvePath(place: PathRoot, path: string): Promise<string | undefined> {
  const { tree, root, above } = place;
  // The next part is the last one: taking it moves no other.
  const waiting = path.split("/").filter(isName).reverse();
  let at = "";
  let links = 0;
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part === "..") {
      if (at === "" && above === "nowhere") return undefined;
      at = parentOf(at);
      continue;
    }
    const next = at === "" ? part : `${at}/${part}`;
    const whole = treePath(root, next);
    const kind = tree.kindOf(whole);
    if (kind === undefined || place.passes?.(whole, kind) === false) return undefined;
    // A folder whose content is not listed represents all paths in it.
    if (kind === "git-folder" || kind === "unreadable") return next;
    if (kind !== "link") {
      if (waiting.length > 0 && kind !== "folder") return undefined;
      at = next;
      continue;
    }
    links += 1;
    if (links > maximumLinks) return undefined;
    const bytes = await tree.read(whole);
    if (bytes.length > longestTarget) return undefined;
    const target = new TextDecoder().decode(bytes);
    if (above === "root") {
      // fsutil cleans a link's text before it follows it: `gone/..` and `link/..` lead to the folder that they start in.
      const cleaned = posix.join("/", target.startsWith("/") ? "" : at, target);
      addAll(waiting, cleaned.split("/").filter(isName).reverse());
      at = "";
      continue;
    }
    if (target.startsWith("/")) return undefined;
    addAll(waiting, target.split("/").filter(isName).reverse());
  }
  return at;
}

function isName(part: string): boolean {
  return part !== "" && part !== ".";
}

/** The folder that a path is in; empty at the top. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}
