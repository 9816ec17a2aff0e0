import type { Dockerfile } from "../dockerfile/dockerfile.ts";
import { hasFaultyPattern, makeIgnoreMatcher, parseIgnoreFile } from "../dockerfile/ignore.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import { configurationError } from "../errors.ts";
import type { Service } from "../model/service.ts";
import type { SourceTree } from "../source/tree.ts";
import { type ContextView, makeContextView } from "./view.ts";

/** A Dockerfile as it was read, and as BuildKit is to be handed it. */
export interface ParsedDockerfile {
  readonly dockerfile: Dockerfile;
  readonly bytes: Uint8Array;
}

/** What services of one tree have in common is read once. */
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

/** The service's Dockerfile. Throws `configuration` when it is not there or does not parse. */
export function parsedDockerfile(tree: SourceTree, service: Service): Promise<ParsedDockerfile> {
  const path = service.dockerfile;
  return once(sharedOf(tree).dockerfiles, path, async () => {
    const mode = tree.get(path)?.mode;
    if (mode === undefined || mode === "040000" || mode === "160000") {
      const message = `the Dockerfile of service "${service.name}" is not there`;
      throw configurationError([{ file: path, message }], "commit it, or name the right one under dockerfile");
    }
    const bytes = await tree.read(await followed(tree, path));
    return { bytes, dockerfile: parseDockerfile(new TextDecoder().decode(bytes), path) };
  });
}

/** Where a symlink ends, when that is in the repository. */
async function followed(tree: SourceTree, path: string): Promise<string> {
  let at = path;
  for (let links = 0; links < 16 && tree.get(at)?.mode === "120000"; links += 1) {
    const target = new TextDecoder().decode(await tree.read(at));
    const base = at.split("/").slice(0, -1);
    for (const part of target.split("/")) {
      if (part === "..") base.pop();
      else if (part !== "." && part !== "") base.push(part);
    }
    at = base.join("/");
  }
  return at;
}

/**
 * A folder as a build context. `ignoreFiles` are the places of its ignore file, the first that is there counts. Views are
 * shared: two services with one context and one ignore file match each path once.
 */
export function contextView(tree: SourceTree, root: string, ignoreFiles: readonly string[]): Promise<ContextView> {
  const ignoreFile = ignoreFiles.find((path) => {
    const mode = tree.get(path)?.mode;
    return mode !== undefined && mode !== "040000" && mode !== "160000";
  });
  return once(sharedOf(tree).views, `${root}\0${ignoreFile ?? ""}`, async () => {
    if (ignoreFile === undefined) return makeContextView(tree, root, undefined, () => false);
    const text = new TextDecoder().decode(await tree.read(await followed(tree, ignoreFile)));
    const patterns = parseIgnoreFile(text, ignoreFile);
    const view = makeContextView(tree, root, ignoreFile, makeIgnoreMatcher(patterns));
    // BuildKit fails as soon as it tries such a pattern on a path, whether the path is read or not.
    if (hasFaultyPattern(patterns)) matchAll(view);
    return view;
  });
}

function matchAll(view: ContextView): void {
  const [start, end] = view.range("");
  for (let index = start; index < end; index += 1) view.isVisible(index);
}

/** The ignore files of a build context, by precedence. */
export function ignoreFilesOf(service: Service): string[] {
  return [`${service.dockerfile}.dockerignore`, below(service.context, ".dockerignore")];
}

export function below(folder: string, path: string): string {
  return folder === "." ? path : `${folder}/${path}`;
}
