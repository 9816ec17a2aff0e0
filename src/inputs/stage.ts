import { lstatSync } from "node:fs";
import { chmod, rename, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { GitTree } from "../source/tree/tree.ts";
import { blobDigest } from "../source/tree/working-tree.ts";
import { removeTemporaryFolder } from "../temporary-folder.ts";
import type { ReadInputs } from "./inputs.ts";
import type { LinkedFile } from "./place-file.ts";
import type { ContextFiles } from "./request.ts";
import { nameToSendUnder, type SentFile } from "./sent.ts";
import { isPlainFile, stageFiles } from "./stage-files.ts";
import { makeStageFolder, stageHomeOf } from "./stage-home.ts";
import { pathInside } from "./tree-path.ts";

/** Folders for BuildKit with exactly the files that were read. They must not be written to. */
export interface StagedContext {
  readonly contextFolder: string;
  readonly dockerfile: string;
  /** Values of `--build-context` for named contexts that are folders. */
  readonly namedFolders: Readonly<Record<string, string>>;
  /**
   * Checks after the solve that BuildKit saw the staged files. Throws `repository` if a file that is linked to the working tree was written
   * to.
   */
  readonly checkUnchanged: () => void;
  /** Removes the staged folders. Files of the working tree are not affected. */
  readonly remove: () => Promise<void>;
}

/**
 * Stages the inputs of one build, inside git's own folder if there is one, so that hard links to the files are possible. Compares every
 * file's bytes with the planned digest. Modes are those of the inputs, whatever the umask. Throws `repository` if a file has changed since
 * planning or its content is missing.
 */
export async function stageContext(tree: GitTree, read: ReadInputs): Promise<StagedContext> {
  const home = stageHomeOf(tree);
  const folder = await makeStageFolder(home);
  const remove = (): Promise<void> => removeTemporaryFolder(folder);
  try {
    const dockerfile = join(folder, "Dockerfile");
    await writeFile(dockerfile, read.dockerfile);
    // This ignore file replaces the context's .dockerignore, which has been applied already. It has a comment, because BuildKit treats an
    // empty file as missing.
    await writeFile(`${dockerfile}.dockerignore`, "# what is here is what was planned with\n");
    await Promise.all([dockerfile, `${dockerfile}.dockerignore`].map((path) => chmod(path, 0o644)));
    const youngerThan = lstatSync(folder, { bigint: true }).mtimeNs;
    const staged = await Promise.all(
      read.contexts.map(async (context, index) => {
        const root = join(folder, `context-${index}`);
        return { ...context, folder: root, linked: await stageFiles(tree, context, { folder: root, youngerThan }) };
      }),
    );
    const [main, ...named] = staged;
    if (main === undefined) throw new RangeError("the build has no context");
    const sent = [
      ...staged.flatMap((each) => sentFiles(each)),
      ...sentFiles({
        name: "",
        root: ".",
        folder,
        files: [{ path: "Dockerfile", mode: "100644", digest: blobDigest(read.dockerfile, "sha256") }],
      }),
    ];
    const contextFolder = join(folder, nameToSendUnder(home, read.inputs.service, sent, folder));
    await rename(main.folder, contextFolder);
    const linked = [
      ...main.linked.map((file) => ({ ...file, place: join(contextFolder, relative(main.folder, file.place)) })),
      ...named.flatMap((each) => each.linked),
    ];
    return {
      contextFolder,
      dockerfile,
      namedFolders: Object.fromEntries(named.flatMap((each) => (each.name === null ? [] : [[each.name, each.folder]]))),
      checkUnchanged: () => checkLinks(linked),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The attributes by which BuildKit detects changed files. Leaves symlinks out, because BuildKit compares their targets. */
function sentFiles(context: Pick<ContextFiles, "name" | "root" | "files"> & { readonly folder: string }): SentFile[] {
  return context.files.filter(isPlainFile).map(({ path, digest }) => {
    const { size, mtimeMs } = lstatSync(join(context.folder, pathInside(context.root, path)));
    // The Dockerfile's folder has the empty name, which no context has.
    return { context: context.name, path, size, second: Math.floor(mtimeMs / 1000), digest };
  });
}

function checkLinks(linked: readonly LinkedFile[]): void {
  const changed = linked.find(({ place, size, mtimeNs }) => {
    const found = lstatSync(place, { bigint: true, throwIfNoEntry: false });
    return found?.size !== size || found.mtimeNs !== mtimeNs;
  });
  if (changed === undefined) return;
  throw new SlipwayError(
    "files-changed",
    `"${changed.path}" was written to while its build read it: nothing was published`,
    {
      hint: "run the same command again when nothing writes to the repository",
    },
  );
}
