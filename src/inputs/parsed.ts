import type { Dockerfile } from "../dockerfile/syntax/dockerfile.ts";
import { hasFaultyPattern, makeContextMatcher, parseIgnoreFile } from "../dockerfile/matching/ignore.ts";
import { parseDockerfile } from "../dockerfile/syntax/parse.ts";
import { configurationError } from "../errors.ts";
import type { Service } from "../model/service.ts";
import type { SourceTree } from "../source/tree/source-tree.ts";
import { parentOf, resolvePath } from "./resolve-path.ts";
import { type ContextView, makeContextView } from "./view.ts";
import { treePath } from "./tree-path.ts";

/** A parsed Dockerfile with its bytes. */
export interface ParsedDockerfile {
  readonly dockerfile: Dockerfile;
  readonly bytes: Uint8Array;
}

/** Dockerfiles and context views that the services of one tree share. */
interface Shared {
  readonly dockerfiles: Map<string, Promise<ParsedDockerfile>>;
  readonly views: Map<string, Promise<ContextView>>;
}

const sharedByTree = new WeakMap<SourceTree, Shared>();

function sharedOf(tree: SourceTree): Shared {
  const shared = sharedByTree.get(tree) ?? { dockerfiles: new Map(), views: new Map() };
  sharedByTree.set(tree, shared);
  return shared;
}

function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

/** The service's Dockerfile. Throws `configuration` if it does not exist or does not parse. */
export function parsedDockerfile(tree: SourceTree, service: Service): Promise<ParsedDockerfile> {
  const path = service.dockerfile;
  return once(sharedOf(tree).dockerfiles, path, async () => {
    const place = await findDockerfile(tree, path);
    if (place === undefined || !isFile(tree, place)) {
      const message = `the Dockerfile of service "${service.name}" is not there`;
      throw configurationError([{ file: path, message }], "commit it, or name the right one under dockerfile");
    }
    const bytes = await tree.read(place);
    return { bytes, dockerfile: parseDockerfile(new TextDecoder().decode(bytes), path) };
  });
}

/**
 * Finds the Dockerfile behind links. On disk, follows links only within its own folder, because BuildKit gets no other; in a repository,
 * everywhere.
 */
async function findDockerfile(tree: SourceTree, path: string): Promise<string | undefined> {
  if (tree.source === "git") return resolvePath({ tree, root: ".", above: "nowhere" }, path);
  const folder = parentOf(path) === "" ? "." : parentOf(path);
  const found = await resolvePath({ tree, root: folder, above: "root" }, path.slice(path.lastIndexOf("/") + 1));
  return found === undefined ? undefined : treePath(folder, found);
}

function isFile(tree: SourceTree, path: string): boolean {
  return tree.kindOf(path) === "file";
}

/** A place to look for an ignore file. */
interface IgnorePlace {
  /** Folder of the file. Links are followed only within it, because BuildKit gets no file beyond it. */
  readonly folder: string;
  readonly name: string;
}

/**
 * Makes the view of a folder as a build context; the first existing ignore file applies. Views are shared, so that two services with the
 * same context and ignore file match each path once.
 */
async function contextView(tree: SourceTree, root: string, places: readonly IgnorePlace[]): Promise<ContextView> {
  const ignoreFile = await findIgnoreFile(tree, places);
  return once(sharedOf(tree).views, `${root}\0${ignoreFile ?? ""}`, async () => {
    const context = { tree, root, ignoreFile };
    if (ignoreFile === undefined) return makeContextView(context, makeContextMatcher({ file: "", patterns: [] }));
    const text = new TextDecoder().decode(await tree.read(ignoreFile));
    const patterns = parseIgnoreFile(text, ignoreFile);
    const view = await makeContextView(context, makeContextMatcher(patterns));
    // BuildKit fails when it tries such a pattern on any path, even one that the build does not read. Matching every path throws the same
    // fault.
    if (hasFaultyPattern(patterns)) matchAll(view);
    return view;
  });
}

function matchAll(view: ContextView): void {
  const [start, end] = view.range("");
  for (let index = start; index < end; index += 1) view.isVisible(index);
}

/** Finds the first place with an ignore file. A link that leads nowhere counts as missing. */
async function findIgnoreFile(tree: SourceTree, places: readonly IgnorePlace[]): Promise<string | undefined> {
  for (const { folder, name } of places) {
    const found = await resolvePath({ tree, root: folder, above: "root" }, name);
    const path = found === undefined ? undefined : treePath(folder, found);
    if (path !== undefined && isFile(tree, path)) return path;
  }
  return undefined;
}

/** The folder of a context behind links; undefined: it does not exist or is outside of the repository. */
async function contextFolder(tree: SourceTree, path: string): Promise<string | undefined> {
  const found = await resolvePath({ tree, root: ".", above: "nowhere" }, path);
  const folder = found === "" ? "." : found;
  return folder === undefined || (folder !== "." && tree.kindOf(folder) !== "folder") ? undefined : folder;
}

/** The build context of a service; undefined: its folder does not exist. */
export async function buildContextView(tree: SourceTree, service: Service): Promise<ContextView | undefined> {
  const [folder, dockerfileFolder] = await Promise.all([
    contextFolder(tree, service.context),
    contextFolder(tree, parentOf(service.dockerfile)),
  ]);
  if (folder === undefined) return undefined;
  const name = `${service.dockerfile.slice(service.dockerfile.lastIndexOf("/") + 1)}.dockerignore`;
  const own = dockerfileFolder === undefined ? [] : [{ folder: dockerfileFolder, name }];
  return contextView(tree, folder, [...own, { folder, name: ".dockerignore" }]);
}

/** A named context that is a folder; undefined: it does not exist. */
export async function namedContextView(tree: SourceTree, path: string): Promise<ContextView | undefined> {
  const folder = await contextFolder(tree, path);
  return folder === undefined ? undefined : contextView(tree, folder, [{ folder, name: ".dockerignore" }]);
}
