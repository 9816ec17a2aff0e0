import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Platform } from "../../src/model/platform.ts";

export type Entry =
  | {
      readonly kind: "file";
      readonly content: string;
      readonly executable: boolean;
      /** Permission bits, of which git keeps one only. */
      readonly mode?: number;
    }
  | { readonly kind: "link"; readonly target: string }
  /** A further name of a file (a hard link), and a folder with its permission bits: for builds of folders alone. */
  | { readonly kind: "name"; readonly of: string }
  | { readonly kind: "folder"; readonly mode: number };

/** A repository and how its one service is built. Paths are relative to the repository's root. */
export interface World {
  /** Everything but the Dockerfile; ignore files are among them. */
  readonly files: Readonly<Record<string, Entry>>;
  /** Whole instructions with their here-documents, comments, blank lines. */
  readonly dockerfile: readonly string[];
  readonly dockerfilePath: string;
  readonly context: "." | "app";
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  /** Named contexts that are folders. */
  readonly contexts: Readonly<Record<string, string>>;
  /** Default: the machine's own. */
  readonly platform?: Platform | undefined;
  /** Patterns of files that git ignores and the build takes all the same. */
  readonly generated?: readonly string[];
  /** A folder whose files are in a repository of their own. */
  readonly submodule?: string | undefined;
  /** The service is read from `compose.yaml`, with the values of its args in `.env`; both are among the files. */
  readonly isCompose?: boolean;
}

/** Whether git makes other bytes of some files than they are written with. */
export function hasAttributes({ files }: World): boolean {
  return Object.keys(files).some((path) => path === ".gitattributes" || path.endsWith("/.gitattributes"));
}

/** Everything that is on the disk: the files, the Dockerfile and the definition. */
export function entriesOf(world: World): Record<string, Entry> {
  const { files, dockerfilePath } = world;
  return { ...files, ...definitionOf(world), [dockerfilePath]: file(dockerfileText(world)) };
}

function definitionOf(world: World): Record<string, Entry> {
  if (world.isCompose !== true) return {};
  const { context, dockerfilePath, target, args, contexts } = world;
  const build = {
    context,
    dockerfile: relative(context, dockerfilePath),
    ...(target === undefined ? {} : { target }),
    args: Object.keys(args),
    additional_contexts: Object.fromEntries(Object.entries(contexts).map(([name, path]) => [name, `./${path}`])),
  };
  const values = Object.entries(args).map(([name, value]) => `${name}=${value}\n`);
  return {
    "compose.yaml": file(`${JSON.stringify({ services: { api: { image: "registry.test/shop/api", build } } })}\n`),
    ".env": file(values.join("")),
  };
}

/** A repository before and after one change. */
export interface Case {
  readonly name: string;
  readonly before: World;
  readonly after: World;
  /** Kind of the change. */
  readonly change: string;
  /** Source that Slipway reads: a repository (default), or the plain folders. */
  readonly source?: "folder";
  /** The change is committed; otherwise it lies in the working tree. */
  readonly isCommitted: boolean;
  /** The side whose exact context is built. */
  readonly staged: "before" | "after";
  /** Ask BuildKit which paths it followed, which makes a build slower by half. */
  readonly asksSteps: boolean;
}

export function file(content: string, executable = false): Entry {
  return { kind: "file", content, executable };
}

export function link(target: string): Entry {
  return { kind: "link", target };
}

function dockerfileText(world: World): string {
  return world.dockerfile.map((line) => `${line}\n`).join("");
}

/**
 * Writes everything below a folder, with modes 644 and 755 whatever the umask. `before`: what is there already and stays as it is on
 * the disk where it does not change; what changes is another file, so that links to the old one hold.
 */
export function writeWorld(root: string, world: World, before?: World): void {
  mkdirSync(root, { recursive: true });
  chmodSync(root, 0o755);
  const all = Object.entries(entriesOf(world));
  const old = new Map(Object.entries(before === undefined ? {} : entriesOf(before)));
  const same = new Set(all.filter(([path, entry]) => isDeepStrictEqual(old.get(path), entry)).map(([path]) => path));
  for (const path of old.keys()) if (!same.has(path)) rmSync(join(root, path));
  for (const path of old.keys()) removeEmptyFolders(root, dirname(path));
  const entries = Object.fromEntries(all.filter(([path]) => !same.has(path)));
  const made = new Set<string>();
  for (const [path, entry] of Object.entries(entries).sort(namesLast)) {
    makeFolders(root, entry.kind === "folder" ? path : dirname(path), made);
    writeEntry(root, path, entry);
  }
  for (const folder of [world.context, ...Object.values(world.contexts)]) makeFolders(root, folder, made);
}

/** The file that has another name is there before that name. */
function namesLast([, left]: readonly [string, Entry], [, right]: readonly [string, Entry]): number {
  return Number(left.kind === "name") - Number(right.kind === "name");
}

function writeEntry(root: string, path: string, entry: Entry): void {
  const place = join(root, path);
  switch (entry.kind) {
    case "link":
      return symlinkSync(entry.target, place);
    case "name":
      return linkSync(join(root, entry.of), place);
    case "folder":
      return chmodSync(place, entry.mode);
    case "file":
      writeFileSync(place, entry.content);
      return chmodSync(place, entry.mode ?? (entry.executable ? 0o755 : 0o644));
  }
}

function removeEmptyFolders(root: string, folder: string): void {
  if (folder === "." || !existsSync(join(root, folder)) || readdirSync(join(root, folder)).length > 0) return;
  rmdirSync(join(root, folder));
  removeEmptyFolders(root, dirname(folder));
}

function makeFolders(root: string, folder: string, made: Set<string>): void {
  if (folder === "." || made.has(folder)) return;
  makeFolders(root, dirname(folder), made);
  made.add(folder);
  mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, folder), 0o755);
}

/** Folders and files that `docker buildx build` gets. */
export interface Handed {
  readonly context: string;
  readonly dockerfile: string;
  readonly contexts: Readonly<Record<string, string>>;
}

/**
 * Writes a plain context as a person has it, without git. BuildKit keeps contexts apart by their folder's own name and files
 * by their times, so each gets a name that no other has.
 */
export async function writePlain(
  root: string,
  name: string,
  world: World,
  /** Puts what git makes of the files in their places, where that is something else. */
  checkOut: ((base: string) => Promise<void>) | undefined,
): Promise<Handed> {
  const base = join(root, name);
  writeWorld(base, world);
  await checkOut?.(base);
  const context = world.context === "." ? base : join(base, `${name}-context`);
  if (world.context !== ".") renameSync(join(base, world.context), context);
  /** Where a path of the repository is now that the context has another name. */
  const placeOf = (path: string): string => {
    if (world.context === ".") return join(base, path);
    if (path === world.context) return context;
    return path.startsWith(`${world.context}/`)
      ? join(context, path.slice(world.context.length + 1))
      : join(base, path);
  };
  return {
    context,
    dockerfile: placeOf(world.dockerfilePath),
    contexts: Object.fromEntries(Object.entries(world.contexts).map(([key, path]) => [key, placeOf(path)])),
  };
}
