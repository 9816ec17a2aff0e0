import { existsSync, lstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { hasErrorCode, SlipwayError, whileDoing } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { digestMemoryOf } from "./digest-memory.ts";
import { FolderTree } from "./folder-tree.ts";

export interface FolderTreeOptions {
  /** Dockerfile: a path relative to the current folder, or content from standard input. Default: `Dockerfile` in the folder. */
  readonly dockerfile?: string | { readonly content: Uint8Array };
  /** Named contexts that are folders: paths relative to the current folder, by name. */
  readonly contexts?: Readonly<Record<string, string>>;
  /** Absolute path of a file that keeps digests from one process of a job to the next; see `digestMemoryOf`. */
  readonly digests?: string | undefined;
}

/**
 * Opens the files of a build on disk as the Docker client sends them: with files that git ignores, permission bits, links and empty
 * folders, in a repository or not. Reads contents on demand. Paths are relative to the host's current folder if it contains all folders of
 * the build, else to the nearest folder that does. Throws `configuration` if a folder does not exist.
 */
export function readFolderTree(host: Host, folder: string, options: FolderTreeOptions = {}): FolderTree {
  const context = realFolder(host, folder, "build context");
  const named = Object.entries(options.contexts ?? {}).map(([name, path]): [string, string] => [
    name,
    realFolder(host, path, `build context "${name}"`),
  ]);
  const { dockerfile = join(context, "Dockerfile") } = options;
  const file = typeof dockerfile === "string" ? realDockerfile(host, dockerfile) : undefined;
  const root = rootOf(realpathSync(host.cwd), [
    context,
    ...named.map(([, path]) => path),
    ...(file === undefined ? [] : [dirname(file)]),
  ]);
  const given = new Map<string, Uint8Array>();
  const dockerfilePath = file === undefined ? freeName(root) : treePathOf(root, file);
  if (typeof dockerfile !== "string") given.set(dockerfilePath, dockerfile.content);
  const places = {
    context: treePathOf(root, context),
    dockerfile: dockerfilePath,
    contexts: Object.fromEntries(named.map(([name, path]) => [name, treePathOf(root, path)])),
  };
  return new FolderTree({ host, root, memory: digestMemoryOf(host, options.digests) }, places, given);
}

/** Resolves links in a folder's path, as the Docker client does. */
function realFolder(host: Host, path: string, what: string): string {
  const place = resolve(host.cwd, path);
  try {
    const real = realpathSync(place);
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT", "ENOTDIR", "ELOOP"))
      throw whileDoing(`looking for the ${what} "${path}"`, error);
  }
  throw new SlipwayError("context-not-found", `the ${what} is not there, or is no folder: "${path}"`, {
    hint: `paths are relative to "${host.cwd}"`,
  });
}

/** The Dockerfile in its real folder. If there is no `Dockerfile`, takes a `dockerfile`, as buildx does. */
function realDockerfile(host: Host, path: string): string {
  const place = resolve(host.cwd, path);
  const folder = realFolder(host, dirname(place), "folder of the Dockerfile");
  const file = join(folder, basename(place));
  const small = join(folder, "dockerfile");
  return basename(file) === "Dockerfile" && !isThere(file) && isThere(small) ? small : file;
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The folder that paths are relative to. */
function rootOf(current: string, folders: readonly string[]): string {
  if (folders.every((folder) => isIn(folder, current))) return current;
  const [first = current, ...others] = folders;
  let root = first;
  while (!others.every((folder) => isIn(folder, root))) root = dirname(root);
  return root;
}

function isIn(folder: string, root: string): boolean {
  return folder === root || folder.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

function treePathOf(root: string, path: string): string {
  return path === root ? "." : relative(root, path).split(sep).join("/");
}

/** A path for the Dockerfile from standard input that no file has, and that has no ignore file. */
function freeName(root: string): string {
  let name = "-";
  while (existsSync(join(root, name)) || existsSync(join(root, `${name}.dockerignore`))) name += "-";
  return name;
}
