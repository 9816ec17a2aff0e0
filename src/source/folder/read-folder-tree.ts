import { existsSync, lstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { hasErrorCode, SlipwayError, whileDoing } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { digestMemoryOf } from "./digest-memory.ts";
import { FolderTree } from "./folder-tree.ts";

export interface FolderTreeOptions {
  /** The Dockerfile: a path from the current folder, or what was given on standard input. Default: `Dockerfile` in the folder. */
  readonly dockerfile?: string | { readonly content: Uint8Array };
  /** Named contexts that are folders: paths from the current folder, by name. */
  readonly contexts?: Readonly<Record<string, string>>;
}

/**
 * The files of a build as they lie on disk, as the Docker client sends them: with what git ignores, permission bits, links and empty
 * folders, in a repository or not. Contents are read when they are asked for. Paths are relative to the host's current folder where
 * everything lies in it, else to the nearest folder in which everything lies. Throws `configuration` when a folder is not there.
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
  return new FolderTree({ host, root, memory: digestMemoryOf(host) }, places, given);
}

/** A folder with the links on its way followed, as the Docker client follows them. */
function realFolder(host: Host, path: string, what: string): string {
  const place = resolve(host.cwd, path);
  try {
    const real = realpathSync(place);
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT", "ENOTDIR", "ELOOP"))
      throw whileDoing(`looking for the ${what} "${path}"`, error);
  }
  throw new SlipwayError("configuration", `the ${what} is not there, or is no folder: "${path}"`, {
    hint: `paths are relative to "${host.cwd}"`,
  });
}

/** The Dockerfile in its real folder. Where there is no `Dockerfile`, a `dockerfile` is taken, as buildx does. */
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

/** A path for the Dockerfile of standard input, which no file has, nor an ignore file beside it. */
function freeName(root: string): string {
  let name = "-";
  while (existsSync(join(root, name)) || existsSync(join(root, `${name}.dockerignore`))) name += "-";
  return name;
}
