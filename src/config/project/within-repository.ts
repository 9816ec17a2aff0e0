import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { excerpt } from "../../model/excerpt.ts";
import { addAll } from "../../model/lists.ts";

/** The target of a path, with all links followed. */
export type ResolvedPath =
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

/** Upper limits of Linux: links in a path, and characters of a path. */
const mostLinks = 40;
const longestTarget = 4095;

/**
 * Follows a path: tracked links first, which need not be on the disk, then links on the disk. git's own folder counts as outside, since it
 * may hold credentials. Every path of a definition passes here before it is read. `path`: relative to the root, or absolute.
 */
export async function withinRepository(links: Links, path: string): Promise<ResolvedPath> {
  const followed = await followTracked(links, path);
  if (followed.kind === "outside" || links.isTracked(followed.path)) return followed;
  const root = await realpath(links.root).catch(() => links.root);
  const place = await realpath(resolve(root, followed.path)).catch(() => undefined);
  // The file does not exist or cannot be read.
  if (place === undefined) return followed;
  const inside = relative(root, place);
  if (leadsOut(inside) || isGitFolder(inside.split(sep))) return { kind: "outside", place };
  return followed;
}

async function followTracked(links: Links, path: string): Promise<ResolvedPath> {
  const { root } = links;
  const from = relative(root, resolve(root, path));
  if (leadsOut(from)) return { kind: "outside", place: resolve(root, path) };
  // The next part is the last one: taking it moves no other.
  const waiting = from.split(sep).reverse();
  const outside = (...parts: readonly string[]): ResolvedPath => {
    const place = resolve(root, parts.join(sep), waiting.toReversed().join(sep));
    return { kind: "outside", place: excerpt(place, longestTarget) };
  };
  const at: string[] = [];
  let length = 0;
  let count = 0;
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part === "." || part === "") continue;
    if (part === "..") {
      const last = at.pop();
      if (last === undefined) return outside("..");
      length -= last.length + 1;
      continue;
    }
    // No system opens a longer path.
    if (isGitFolder([part]) || length + part.length > longestTarget) return outside(...at, part);
    const target = await links.linkTarget([...at, part].join("/"));
    if (target === undefined) {
      at.push(part);
      length += part.length + 1;
      continue;
    }
    count += 1;
    const inside = isAbsolute(target) ? relative(root, target) : undefined;
    if (count > mostLinks || target.length > longestTarget || (inside !== undefined && leadsOut(inside))) {
      return { kind: "outside", place: excerpt(resolve(root, at.join(sep), target), longestTarget) };
    }
    if (inside !== undefined) [at.length, length] = [0, 0];
    addAll(waiting, (inside ?? target).split("/").reverse());
  }
  return { kind: "inside", path: at.length === 0 ? "." : at.join("/") };
}

/** Whether a path relative to the root leads out of it. A folder may be called `..conf`. */
export function leadsOut(path: string): boolean {
  return path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path);
}

/** The comparison ignores case, because some file systems do. */
function isGitFolder(parts: readonly string[]): boolean {
  return parts.some((part) => part.toLowerCase() === ".git");
}

/** Explains where a path leads, and names the setting of slipway.yaml that allows it. `place`: absolute. */
export function outsideFault(what: string, place: string, root: string): string {
  const inside = relative(root, place);
  const isGits = !leadsOut(inside);
  if (isGits) return `${what} leads to "${inside}", which is git's own`;
  return `${what} leads to "${place}", outside of the repository; slipway.yaml can name it: "allow: { files: [${JSON.stringify(place)}] }"`;
}
