import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";

/** The target of a path, with all links followed. */
export type Located =
  /** `path`: relative to the root, POSIX, without tracked links. The file need not exist. */
  | { readonly kind: "inside"; readonly path: string }
  /** `place`: absolute, or git's own folder. */
  | { readonly kind: "outside"; readonly place: string };

/** The repository, for following links. */
export interface Links {
  /** Absolute. */
  readonly root: string;
  isTracked(path: string): boolean;
  /** The target of a tracked link; undefined: the path is not one. */
  linkTarget(path: string): Promise<string | undefined>;
}

/** Upper limit of links in a path, as in Linux. */
const mostLinks = 40;

/**
 * Follows a path: tracked links first, which need not be on the disk, then links on the disk. git's own folder counts as outside, since it
 * may hold credentials. Every path of a definition passes here before it is read. `path`: relative to the root, or absolute.
 */
export async function withinRepository(links: Links, path: string): Promise<Located> {
  const followed = await followTracked(links, path);
  if (followed.kind === "outside" || links.isTracked(followed.path)) return followed;
  const root = await realpath(links.root).catch(() => links.root);
  const place = await realpath(resolve(root, followed.path)).catch(() => undefined);
  // The file does not exist or cannot be read.
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

/** Whether a path relative to the root leads out of it. A folder may be called `..conf`. */
export function leaves(path: string): boolean {
  return path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path);
}

/** The comparison ignores case, because some file systems do. */
function isGitFolder(parts: readonly string[]): boolean {
  return parts.some((part) => part.toLowerCase() === ".git");
}

/** Explains where a path leads, and names the setting of slipway.yaml that allows it. `place`: absolute. */
export function outsideFault(what: string, place: string, root: string): string {
  const inside = relative(root, place);
  const isGits = !leaves(inside);
  if (isGits) return `${what} leads to "${inside}", which is git's own`;
  return `${what} leads to "${place}", outside of the repository; slipway.yaml can name it: "allow: { files: [${JSON.stringify(place)}] }"`;
}
