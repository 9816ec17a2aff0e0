import { realpath } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { type InvocationPlaces, folderContexts } from "../../invocation/invocation-service.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import { openRepository } from "../../source/git/repository.ts";
import { readTree, type SourceTree } from "../../source/tree/tree.ts";

/** The files of an invocation, and where its context, Dockerfile and folders lie among them. */
export interface InvocationFiles {
  readonly tree: SourceTree;
  readonly places: InvocationPlaces;
  /** Of the repository around the context; undefined: there is none. */
  readonly commit: string | undefined;
}

/** Reads the files of an invocation as Docker sends them: the folders as they lie, with what git ignores. */
export async function readPlaces(host: Host, invocation: BuildInvocation, cwd: string): Promise<InvocationFiles> {
  if (invocation.context.kind !== "folder") throw new RangeError("the context is a folder");
  const context = await realpath(resolve(cwd, invocation.context.path));
  const dockerfile =
    invocation.dockerfile === undefined ? resolve(context, "Dockerfile") : resolve(cwd, invocation.dockerfile);
  const folders = Object.entries(folderContexts(invocation)).map(([name, path]) => [name, resolve(cwd, path)] as const);
  const repository = await openRepository(host, context);
  const inRepository = (place: string): string => {
    const path = relative(repository.root, place).split("\\").join("/") || ".";
    if (path !== ".." && !path.startsWith("../")) return path;
    throw new SlipwayError("configuration", `"${place}" is not in the repository "${repository.root}"`);
  };
  const places = {
    context: inRepository(context),
    dockerfile: inRepository(dockerfile),
    contexts: Object.fromEntries(folders.map(([name, folder]) => [name, inRepository(folder)])),
  };
  const read = [places.context, places.dockerfile, ...Object.values(places.contexts)];
  const tree = await readTree(repository, { workingTree: repository.dirty, generated: read });
  return { tree, places, commit: repository.commit };
}
