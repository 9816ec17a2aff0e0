import { stageBuild } from "../../src/core/drop-in/stage-build.ts";
import { SlipwayError } from "../../src/errors.ts";
import { readInputs, type ReadInputs } from "../../src/inputs/inputs.ts";
import { makeService } from "../../src/inputs/testing/service.ts";
import type { InputFile } from "../../src/model/inputs.ts";
import type { FolderTree } from "../../src/source/folder/folder-tree.ts";
import { readFolderTree } from "../../src/source/folder/read-folder-tree.ts";
import type { Said, Workshop } from "./prepare.ts";
import type { Handed, World } from "./world.ts";

/** Reads a plain context as it lies, and stages it as a drop-in build does, where that is asked and can be done. Paths of inputs are given as the world has them. */
export async function readFolder(
  { host, platform: own, lookups }: Workshop,
  plain: Handed,
  world: World,
  isStaged: boolean,
): Promise<{ said: Said; handed: Handed | undefined }> {
  try {
    const tree = readFolderTree(host, plain.context, { dockerfile: plain.dockerfile, contexts: plain.contexts });
    const service = makeService({
      dockerfile: tree.dockerfile,
      context: tree.context,
      target: world.target,
      args: Object.fromEntries(Object.entries(world.args).map(([name, value]) => [name, { value, stamp: false }])),
      contexts: Object.fromEntries(
        Object.entries(tree.contexts).map(([name, path]) => [name, { kind: "folder", path }]),
      ),
    });
    const platform = world.platform ?? own;
    const read = await readInputs({ service, platform, tree, lookups, buildPlatform: own });
    const said: Said = { kind: "inputs", read: { ...read, inputs: { ...read.inputs, files: filesOf(read, world) } } };
    return { said, handed: isStaged ? await handOver(host, plain, tree, read) : undefined };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return { said: { kind: "refused", because: error.message }, handed: undefined };
  }
}

/** The staged paths, by the arguments that the build would have had. */
async function handOver(
  host: Workshop["host"],
  plain: Handed,
  tree: FolderTree,
  read: ReadInputs,
): Promise<Handed | undefined> {
  const names = Object.keys(plain.contexts);
  const contexts = names.map((name) => `--build-context=${name}=${plain.contexts[name] ?? ""}`);
  const argv = [`--file=${plain.dockerfile}`, ...contexts, plain.context];
  const places = { context: tree.context, dockerfile: tree.dockerfile, contexts: tree.contexts };
  const files = { tree, places, reopen: () => Promise.reject(new Error("it is staged as it was read")) };
  const staged = await stageBuild(host, { argv, cwd: plain.context }, { files }, read.contexts);
  const paths = staged?.argv.map((word) => word.replace(/^--(?:file|build-context=[^=]*)=/, ""));
  const [dockerfile, context] = [paths?.[0], paths?.at(-1)];
  if (paths === undefined || dockerfile === undefined || context === undefined) return undefined;
  return {
    context,
    dockerfile,
    contexts: Object.fromEntries(names.map((name, at) => [name, paths[at + 1] ?? ""])),
  };
}

function filesOf(read: ReadInputs, world: World): InputFile[] {
  return read.contexts.flatMap(({ name, root, files }) => {
    const folder = name === null ? world.context : (world.contexts[name] ?? ".");
    return files.map((file) => {
      const local = root === "." ? file.path : file.path.slice(root.length + 1);
      const path = folder === "." ? local : `${folder}/${local}`;
      return { ...file, path, ...(name === null ? {} : { context: name }) };
    });
  });
}
