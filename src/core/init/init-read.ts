import { discover } from "../../config/discover.ts";
import { isInDefinitions } from "../../errors.ts";
import { parseRemote, type Remote } from "../../formats/address.ts";
import type { Host } from "../../host.ts";
import type { Project } from "../../model/service.ts";
import { openRepository, type Repository } from "../../source/git/repository.ts";
import { readTree, type GitTree } from "../../source/tree/tree.ts";
import { authorshipOf } from "../../workflow/marker.ts";

/** What `slipway init` reads: the repository, its working tree and its definitions. */
export interface InitSources {
  readonly repository: Repository;
  readonly tree: GitTree;
  readonly remote: Remote | undefined;
  readonly trunk: string;
  /** Text of a file of the working tree; null: there is no such file. */
  readonly read: (path: string) => Promise<string | null>;
  /** Discovers the project with this text as `slipway.yaml`; null: with the file that exists, if any. */
  readonly discover: (config: string | null) => Promise<Project>;
}

export async function readSources(host: Host, folder: string): Promise<InitSources> {
  const repository = await openRepository(host, folder);
  const tree = await readTree(repository, { workingTree: repository.dirty });
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const isFile = (path: string): boolean => ["100644", "100755"].includes(tree.get(path)?.mode ?? "");
  return {
    repository,
    tree,
    remote: repository.remote === undefined ? undefined : parseRemote(repository.remote),
    trunk: await readTrunk(repository),
    read: async (path) => (isFile(path) ? decode(await tree.read(path)) : null),
    discover: (config) =>
      discover(host, {
        root: repository.root,
        files: {
          tracked:
            config === null || tree.get("slipway.yaml") !== undefined
              ? tree.paths
              : [...tree.paths, "slipway.yaml"].sort(),
          read: async (path) => {
            if (path === "slipway.yaml" && config !== null) return new TextEncoder().encode(config);
            return tree.get(path) === undefined ? undefined : tree.read(path);
          },
          isLink: (path) => tree.get(path)?.mode === "120000",
          remote: repository.remote,
        },
      }),
  };
}

/** The remote's default branch; else `main` or `master`, if it exists; else the branch that is checked out. */
async function readTrunk(repository: Repository): Promise<string> {
  const text = async (args: readonly string[]): Promise<string> =>
    repository.git(args).then(
      (bytes) => new TextDecoder().decode(bytes).trim(),
      () => "",
    );
  const head = await text(["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"]);
  if (head.startsWith("origin/")) return head.slice("origin/".length);
  const branches = (await text(["for-each-ref", "--format=%(refname:short)", "refs/heads"])).split("\n");
  return (
    branches.find((name) => name === "main") ??
    branches.find((name) => name === "master") ??
    repository.branch ??
    "main"
  );
}

/**
 * Discovers the services, with a placeholder image name if no image name is configured. Undefined: there are no definitions; an existing
 * workflow may still name images.
 */
export async function discoverShape(sources: InitSources): Promise<Project | undefined> {
  const written = await sources.read("slipway.yaml");
  // Init ignores a `slipway.yaml` that it generated itself and discovers again from the definitions.
  const isGenerated = written !== null && authorshipOf(written) === "generated";
  try {
    return await sources.discover(isGenerated ? "" : null);
  } catch (error) {
    if (!isInDefinitions(error)) throw error;
    if (written !== null && !isGenerated) throw error;
  }
  return sources.discover("images: registry.invalid/unknown/{service}\n").catch((error: unknown) => {
    if (isInDefinitions(error)) return undefined;
    throw error;
  });
}
