import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Host } from "../../host.ts";
import type { Service } from "../../model/service.ts";
import { makeNodeHost } from "../../node-host.ts";
import { type FolderTreeOptions, readFolderTree } from "../../source/folder/read-folder-tree.ts";
import type { FolderTree } from "../../source/folder/folder-tree.ts";
import { type TestFile, writeFiles } from "../../source/testing/repository.ts";
import { removeTemporaryFolder } from "../../temporary-folder.ts";
import { readInputs, type ReadInputs } from "../inputs.ts";
import { makeLookups, makeService, platformOf } from "./service.ts";

/** A folder on disk outside of any repository, with a host that works in it. */
export interface TestFolder {
  readonly root: string;
  readonly host: Host;
  readonly write: (files: Readonly<Record<string, TestFile>>) => Promise<void>;
}

/** Makes a folder with these files for one test, and removes it when the test ends. */
export async function newFolder(files: Readonly<Record<string, TestFile>>): Promise<TestFolder> {
  const root = await mkdtemp(join(tmpdir(), "slipway-folder-"));
  onTestFinished(() => removeTemporaryFolder(root));
  await writeFiles(root, files);
  const host = makeNodeHost({ cwd: root, env: { PATH: process.env["PATH"], HOME: root } });
  return { root, host, write: (more) => writeFiles(root, more) };
}

/** Options of `folderInputsOf` and of the folder's tree. */
export interface FolderInputsOptions extends FolderTreeOptions {
  /** Path of the build context; default: the folder itself. */
  readonly context?: string;
  readonly changes?: Partial<Service>;
}

/** Reads the inputs of a build of a folder from its current files. */
export async function folderInputsOf(
  { host }: Pick<TestFolder, "host">,
  { context = ".", changes = {}, ...options }: FolderInputsOptions = {},
): Promise<ReadInputs & { readonly tree: FolderTree; readonly service: Service }> {
  const tree = readFolderTree(host, context, options);
  const folders = Object.entries(tree.contexts).map(([name, path]) => [name, { kind: "folder", path }] as const);
  const service = makeService({
    context: tree.context,
    dockerfile: tree.dockerfile,
    contexts: Object.fromEntries(folders),
    ...changes,
  });
  const [platform, buildPlatform] = [platformOf("linux/amd64"), platformOf("linux/amd64")];
  const read = await readInputs({ service, platform, tree, lookups: makeLookups(), buildPlatform });
  return { ...read, tree, service };
}
