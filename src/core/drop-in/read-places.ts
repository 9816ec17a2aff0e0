import type { Host } from "../../host.ts";
import { folderContexts, type InvocationPlaces } from "../../invocation/invocation-service.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import { readFolderTree } from "../../source/folder/read-folder-tree.ts";
import type { SourceTree } from "../../source/tree/source-tree.ts";

/** The files of an invocation, and where its context, Dockerfile and folders lie among them. */
export interface InvocationFiles {
  readonly tree: SourceTree;
  readonly places: InvocationPlaces;
}

/**
 * Opens the files of an invocation as Docker sends them: the folders as they lie. Paths start in the host's folder. Each call reads anew. Throws `configuration` when one is
 * not there.
 */
export function readPlaces(host: Host, invocation: BuildInvocation): InvocationFiles {
  const { context, dockerfile } = invocation;
  if (context.kind !== "folder") throw new RangeError("the context is a folder");
  const tree = readFolderTree(host, context.path, {
    ...(dockerfile === undefined ? {} : { dockerfile }),
    contexts: folderContexts(invocation),
  });
  return { tree, places: { context: tree.context, dockerfile: tree.dockerfile, contexts: tree.contexts } };
}
