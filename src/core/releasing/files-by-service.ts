import { isInFiles } from "../../errors.ts";
import { readInputs, type ReadInputs } from "../../inputs/inputs.ts";
import type { Service } from "../../model/service.ts";
import type { ServiceResult } from "../building/service-result.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** The files that each service's build reads, with its Dockerfile. A commit that touches one of them touches the service. */
export async function filesByService(
  { project, tree }: Workspace,
  services: ReadonlySet<string>,
  results: readonly ServiceResult[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const decided = new Map(results.map(({ service, files }) => [service.name, files]));
  const wanted = project.services.filter(({ name }) => services.has(name));
  const found = await Promise.all(
    wanted.map(async (service): Promise<[string, ReadonlySet<string>]> => {
      const files = decided.get(service.name) ?? (await readOffline(service, tree))?.inputs.files ?? [];
      return [service.name, withDockerfile(service, files)];
    }),
  );
  return new Map(found);
}

/** The files that a service's build reads, with its Dockerfile; undefined: they cannot be read. */
export async function readFilesOf(
  { tree }: Pick<Workspace, "tree">,
  service: Service,
): Promise<ReadonlySet<string> | undefined> {
  const read = await readOffline(service, tree);
  return read === undefined ? undefined : withDockerfile(service, read.inputs.files);
}

function withDockerfile({ dockerfile }: Service, files: readonly { readonly path: string }[]): ReadonlySet<string> {
  return new Set([dockerfile, ...files.map(({ path }) => path)]);
}

/**
 * Reads a service's inputs without a registry. Undefined: they cannot be read, since a service that keeps its image may have an invalid
 * Dockerfile now.
 */
async function readOffline(service: Service, tree: Workspace["tree"]): Promise<ReadInputs | undefined> {
  const [platform] = service.platforms;
  try {
    return await readInputs({ service, platform, tree, lookups: "offline" });
  } catch (error) {
    if (!isInFiles(error)) throw error;
    return undefined;
  }
}
