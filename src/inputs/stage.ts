import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { chmod, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { InputFile } from "../model/inputs.ts";
import { decodeName, isPortableName } from "../source/git.ts";
import type { SourceTree } from "../source/tree.ts";
import type { ContextFiles, ReadInputs } from "./inputs.ts";
import { makeStageFolder } from "./stage-folder.ts";
import { linkClean, placeFile, type Placing, readFlagged } from "./place-file.ts";

/** What BuildKit is handed: folders with exactly the files that were read. Nothing in them may be written to. */
export interface StagedContext {
  readonly contextFolder: string;
  readonly dockerfile: string;
  /** Values of `--build-context` for named contexts that are folders. */
  readonly namedFolders: Readonly<Record<string, string>>;
  /** Removes it all; the repository's own files stay. */
  readonly remove: () => Promise<void>;
}

/**
 * Lays out the inputs for one build, below git's own folder, so that hard links to the working tree do. Modes are 644 and
 * 755 whatever the umask. Throws `repository` when a file is not what was planned with any more, or its content is not there.
 */
export async function stageContext(tree: SourceTree, read: ReadInputs): Promise<StagedContext> {
  const folder = await makeStageFolder(tree.repository);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const dockerfile = join(folder, "Dockerfile");
    await writeFile(dockerfile, withFrontend(read.dockerfile, read.frontend));
    // It stands before any .dockerignore in the context, whose work is done. Not empty: BuildKit takes that for none.
    await writeFile(`${dockerfile}.dockerignore`, "# what is here is what was planned with\n");
    await Promise.all([dockerfile, `${dockerfile}.dockerignore`].map((path) => chmod(path, 0o644)));
    const folders = await Promise.all(
      read.contexts.map(async (context, index) => {
        const root = join(folder, `context-${index}`);
        await stageFiles(tree, context, root);
        return [context.name, root] as const;
      }),
    );
    const [main, ...named] = folders;
    if (main === undefined) throw new RangeError("a build has a context");
    const namedFolders = Object.fromEntries(named.flatMap(([name, root]) => (name === null ? [] : [[name, root]])));
    const unsure = read.contexts.map(({ root, files }, index) => unsureFiles(files, root, folders[index]?.[1] ?? ""));
    const contextFolder = join(folder, contextName(tree.repository.root, read.inputs.service, unsure));
    await rename(main[1], contextFolder);
    return { contextFolder, dockerfile, namedFolders, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * The folder's own name. BuildKit keeps what it was sent under that name, whatever the path, and does not ask again for a file
 * that has the same path, size and time: services must not share a name, nor two states of one that times do not tell apart.
 */
function contextName(repository: string, service: string, unsure: readonly (readonly InputFile[])[]): string {
  const text = JSON.stringify([repository, service, unsure]);
  return `context-${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}

/** Files whose time a tool has set (an archive's, a commit's): it may be the same for other content. */
function unsureFiles(files: readonly InputFile[], from: string, root: string): readonly InputFile[] {
  return files.filter(
    (file) => isPlainFile(file) && lstatSync(join(root, below(from, file.path))).mtimeMs % 1000 === 0,
  );
}

/** A path of the repository as it is in a context. */
function below(root: string, path: string): string {
  return root === "." ? path : path.slice(root.length + 1);
}

/** The Dockerfile's bytes, with the frontend by digest where `# syntax=` names one. Lines keep their numbers. */
function withFrontend(bytes: Uint8Array, pin: string | undefined): Uint8Array | string {
  if (pin === undefined) return bytes;
  const line = /^((?:#|\/\/)[ \t]*syntax[ \t]*=[ \t]*)\S+/im;
  return new TextDecoder().decode(bytes).replace(line, (_whole, start: string) => `${start}${pin}`);
}

async function stageFiles(tree: SourceTree, context: ContextFiles, root: string): Promise<void> {
  checkNames(context.files);
  const placeOf = (path: string): string => join(root, below(context.root, path));
  const folders = new Set<string>();
  makeFolder(root);
  for (const { path, mode } of context.files) {
    const local = below(context.root, path);
    makeFoldersOf(root, mode === "040000" ? `${local}/` : local, folders);
  }
  const placing: Placing = {
    tree,
    mayHideChanges: await tree.conversions.mayHideChanges(),
    flagged: await readFlagged(tree),
  };
  if (tree.repository.promisor !== undefined) {
    await tree.fetch(context.files.map(({ path }) => path).filter((path) => placing.flagged.has(path)));
  }
  const atOnce = 128;
  for (let start = 0; start < context.files.length; start += atOnce) {
    const some = context.files.slice(start, start + atOnce);
    const left = some.filter((file) => !isPlainFile(file) || !linkClean(placing, file, placeOf(file.path)));
    await Promise.all(left.map((file) => place(placing, file, placeOf(file.path))));
    // Links are made in one go; other builds' events get their turn in between.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

function isPlainFile({ mode }: InputFile): boolean {
  return mode === "100644" || mode === "100755";
}

async function place(placing: Placing, file: InputFile, to: string): Promise<void> {
  if (file.mode === "120000") await symlink(decodeName(await placing.tree.read(file.path)), to);
  else if (file.mode !== "040000") await placeFile(placing, file, to);
}

function checkNames(files: readonly InputFile[]): void {
  const odd = files.find(({ path }) => !isPortableName(path));
  if (odd === undefined) return;
  throw new SlipwayError("repository", `the name of the file ${JSON.stringify(odd.path)} is not UTF-8`, {
    hint: "BuildKit cannot take it: rename it, or leave it out in .dockerignore",
  });
}

function makeFoldersOf(root: string, path: string, made: Set<string>): void {
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    const folder = path.slice(0, slash);
    if (made.has(folder)) continue;
    made.add(folder);
    makeFolder(join(root, folder));
  }
}

/** 755 whatever the umask. */
function makeFolder(path: string): void {
  mkdirSync(path);
  chmodSync(path, 0o755);
}
