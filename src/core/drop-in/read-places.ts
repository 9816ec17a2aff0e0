import { join } from "node:path";
import { folderContexts, type InvocationPlaces } from "../../invocation/invocation-service.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import { readFolderTree } from "../../source/folder/read-folder-tree.ts";
import type { SourceTree } from "../../source/tree/source-tree.ts";
import type { DropInContext } from "./request.ts";

/** The files of an invocation, with the paths of its context, Dockerfile and folders in them. */
export interface InvocationFiles {
  readonly tree: SourceTree;
  readonly places: InvocationPlaces;
  /** Opens the same files again, to detect changes. Throws `files-changed` if the ref of a git context moved. */
  readonly reopen: () => Promise<InvocationFiles>;
  /** Removes files that were fetched for reading. */
  readonly close?: () => Promise<void>;
}

/**
 * Opens the files of an invocation as Docker sends them, from the folders on disk. Paths are relative to the host's working directory. Each
 * call reads the folders again; within a job, files that did not change are not hashed again. Throws `configuration` when one does not exist.
 */
export function readPlaces(
  { host, run }: Pick<DropInContext, "host" | "run">,
  invocation: BuildInvocation,
): InvocationFiles {
  const { temporary } = run.ci.files;
  const { context, dockerfile } = invocation;
  if (context.kind !== "folder") throw new RangeError("the context is a folder");
  const tree = readFolderTree(host, context.path, {
    ...(dockerfile === undefined ? {} : { dockerfile }),
    contexts: folderContexts(invocation),
    // The runner empties this folder before each job.
    ...(temporary === undefined ? {} : { digests: join(temporary, "slipway-digests") }),
  });
  const places = { context: tree.context, dockerfile: tree.dockerfile, contexts: tree.contexts };
  return { tree, places, reopen: () => Promise.resolve(readPlaces({ host, run }, invocation)) };
}
