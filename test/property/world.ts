import { chmodSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export type Entry =
  | { readonly kind: "file"; readonly content: string; readonly executable: boolean }
  | { readonly kind: "link"; readonly target: string };

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
}

/** A repository before and after one change. */
export interface Case {
  readonly name: string;
  readonly before: World;
  readonly after: World;
  /** What kind of change it is. */
  readonly change: string;
  /** The change is committed; otherwise it lies in the working tree. */
  readonly isCommitted: boolean;
  /** Ask BuildKit which paths it followed, which makes a build slower by half. */
  readonly asksSteps: boolean;
}

export function file(content: string, executable = false): Entry {
  return { kind: "file", content, executable };
}

export function link(target: string): Entry {
  return { kind: "link", target };
}

export function dockerfileText(world: World): string {
  return world.dockerfile.map((line) => `${line}\n`).join("");
}

/** Writes everything below a folder where nothing is yet, with modes 644 and 755 whatever the umask. */
export function writeWorld(root: string, world: World): void {
  mkdirSync(root, { recursive: true });
  chmodSync(root, 0o755);
  const entries = { ...world.files, [world.dockerfilePath]: file(dockerfileText(world)) };
  const made = new Set<string>();
  for (const [path, entry] of Object.entries(entries)) {
    makeFolders(root, dirname(path), made);
    const place = join(root, path);
    if (entry.kind === "link") symlinkSync(entry.target, place);
    else {
      writeFileSync(place, entry.content);
      chmodSync(place, entry.executable ? 0o755 : 0o644);
    }
  }
  for (const folder of [world.context, ...Object.values(world.contexts)]) makeFolders(root, folder, made);
}

function makeFolders(root: string, folder: string, made: Set<string>): void {
  if (folder === "." || made.has(folder)) return;
  makeFolders(root, dirname(folder), made);
  made.add(folder);
  mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, folder), 0o755);
}

/** What `docker buildx build` is handed. */
export interface Handed {
  readonly context: string;
  readonly dockerfile: string;
  readonly contexts: Readonly<Record<string, string>>;
}

/**
 * Writes a plain context as a person has it, without git. BuildKit keeps contexts apart by their folder's own name and files
 * by their times, so each gets a name that no other has.
 */
export function writePlain(root: string, name: string, world: World): Handed {
  const base = join(root, name);
  writeWorld(base, world);
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
