import { posix } from "node:path";
import type { EntryKind, SourceTree } from "../source/tree/source-tree.ts";
import { treePath } from "./tree-path.ts";

/** BuildKit gives up on a path after as many symlinks. */
const maximumLinks = 255;

/** A folder of the repository in which paths are followed. */
export interface PathRoot {
  readonly tree: SourceTree;
  /** Relative to the repository root; `.` is the root. */
  readonly root: string;
  /** What `..` above the root and absolute links lead to: the root itself, as in BuildKit; or nowhere, as on a disk. */
  readonly above: "root" | "nowhere";
  /** Called with everything on the way, a path of the tree. False: it is as if it were not there. */
  readonly passes?: (path: string, kind: EntryKind) => boolean;
}

/** Follows symlinks in the middle and at the end of a path. Gives a path below the root; undefined: nothing is there. */
export async function resolvePath(place: PathRoot, path: string): Promise<string | undefined> {
  const { tree, root, above } = place;
  const waiting = path.split("/").filter(isName);
  let at = "";
  let links = 0;
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    if (part === "..") {
      if (at === "" && above === "nowhere") return undefined;
      at = parentOf(at);
      continue;
    }
    const next = at === "" ? part : `${at}/${part}`;
    const whole = treePath(root, next);
    const kind = tree.kindOf(whole);
    if (kind === undefined || place.passes?.(whole, kind) === false) return undefined;
    // What is not looked into stands for everything in it.
    if (kind === "git-folder" || kind === "unreadable") return next;
    if (kind !== "link") {
      if (waiting.length > 0 && kind !== "folder") return undefined;
      at = next;
      continue;
    }
    links += 1;
    if (links > maximumLinks) return undefined;
    const target = new TextDecoder().decode(await tree.read(whole));
    if (above === "root") {
      // fsutil cleans the text of a link: `gone/..` and `link/..` lead to where they begin.
      waiting.unshift(
        ...posix
          .join("/", target.startsWith("/") ? "" : at, target)
          .split("/")
          .filter(isName),
      );
      at = "";
      continue;
    }
    if (target.startsWith("/")) return undefined;
    waiting.unshift(...target.split("/").filter(isName));
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
