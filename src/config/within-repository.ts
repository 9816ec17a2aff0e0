import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";

/** Where a path ends, through every link on its way. */
export type Located =
  /** `path`: relative to the root, POSIX, without links that git tracks. Nothing need be there. */
  | { readonly kind: "inside"; readonly path: string }
  /** `place`: absolute, or git's own folder. */
  | { readonly kind: "outside"; readonly place: string };

/** The repository as far as links go. */
export interface Links {
  /** Absolute. */
  readonly root: string;
  isTracked(path: string): boolean;
  /** The target of a link that git tracks; undefined: it is none. */
  linkTarget(path: string): Promise<string | undefined>;
}

/** As many as Linux follows. */
const mostLinks = 40;

/**
 * Follows a path to where it ends: first the links that git tracks, which need not be on the disk, then those on the disk. git's own
 * folder is outside, since it may hold credentials. Every path that a definition names is asked here before it is read. `path`:
 * relative to the root, or absolute.
 */
export async function withinRepository(links: Links, path: string): Promise<Located> {
  const followed = await followTracked(links, path);
  if (followed.kind === "outside" || links.isTracked(followed.path)) return followed;
  const root = await realpath(links.root).catch(() => links.root);
  const place = await realpath(resolve(root, followed.path)).catch(() => undefined);
  // Nothing is there, or it cannot be looked at.
  if (place === undefined) return followed;
  const inside = relative(root, place);
  if (leaves(inside) || isGitFolder(inside.split(sep))) return { kind: "outside", place };
  return followed;
}

async function followTracked(links: Links, path: string): Promise<Located> {
  const { root } = links;
  const from = relative(root, resolve(root, path));
  if (leaves(from)) return { kind: "outside", place: resolve(root, path) };
  const waiting = from.split(sep).filter((part) => part !== "");
  const at: string[] = [];
  let count = 0;
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    if (part === "." || part === "") continue;
    if (part === "..") {
      if (at.pop() === undefined) return { kind: "outside", place: resolve(root, "..", ...waiting) };
      continue;
    }
    if (isGitFolder([part])) return { kind: "outside", place: resolve(root, ...at, part, ...waiting) };
    const target = await links.linkTarget([...at, part].join("/"));
    if (target === undefined) {
      at.push(part);
      continue;
    }
    count += 1;
    const inside = isAbsolute(target) ? relative(root, target) : undefined;
    if (count > mostLinks || (inside !== undefined && leaves(inside))) {
      return { kind: "outside", place: resolve(root, ...at, target) };
    }
    if (inside !== undefined) at.length = 0;
    waiting.unshift(...(inside ?? target).split("/"));
  }
  return { kind: "inside", path: at.length === 0 ? "." : at.join("/") };
}

/** Whether a path from the root goes out of it; a folder may be called `..conf`. */
export function leaves(path: string): boolean {
  return path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path);
}

/** Some file systems do not tell capital letters from small ones. */
function isGitFolder(parts: readonly string[]): boolean {
  return parts.some((part) => part.toLowerCase() === ".git");
}

/** Says where a path leads, and which setting of slipway.yaml names it. `place`: absolute. */
export function outsideFault(what: string, place: string, root: string): string {
  const inside = relative(root, place);
  const isGits = !leaves(inside);
  if (isGits) return `${what} leads to "${inside}", which is git's own`;
  return `${what} leads to "${place}", outside of the repository; slipway.yaml can name it: "allow: { files: [${JSON.stringify(place)}] }"`;
}
