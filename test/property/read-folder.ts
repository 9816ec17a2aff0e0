import { SlipwayError } from "../../src/errors.ts";
import { readInputs, type ReadInputs } from "../../src/inputs/inputs.ts";
import { stageContext } from "../../src/inputs/stage.ts";
import { makeService } from "../../src/inputs/testing/service.ts";
import type { InputFile } from "../../src/model/inputs.ts";
import { readFolderTree } from "../../src/source/folder/read-folder-tree.ts";
import type { Said, Workshop } from "./prepare.ts";
import type { Handed, World } from "./world.ts";

/** Reads a plain context as it lies, and stages it where that is asked. Paths of inputs are given as the world has them. */
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
    if (!isStaged) return { said, handed: undefined };
    const staged = await stageContext(tree, read);
    return {
      said,
      handed: { context: staged.contextFolder, dockerfile: staged.dockerfile, contexts: staged.namedFolders },
    };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return { said: { kind: "refused", because: error.message }, handed: undefined };
  }
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
