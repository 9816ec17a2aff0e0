import type { Digest } from "../model/digest.ts";
import { type ImageName, registryOf } from "../model/reference.ts";
import type { Registry } from "../registry/registry.ts";
import type { Workspace } from "./workspace.ts";

/** What came of a deletion. `stays`: the registry accepted it, and has the manifest all the same. */
export type ManifestDeletion = "deleted" | "gone" | "stays";

/** Deletes manifests and looks whether they are gone: a registry may answer 202 and delete nothing. */
export type DeleteManifest = (name: ImageName, digest: Digest) => Promise<ManifestDeletion>;

/** A registry that deletes a little later gets so long, in milliseconds, once: after that it is taken for one that does not. */
const patience: readonly number[] = [500, 2000];

/** Throws what the registry answers. */
export function makeManifestDeleter({ host, registry }: Pick<Workspace, "host" | "registry">): DeleteManifest {
  const keeping = new Set<string>();
  return async (name, digest) => {
    if (!(await registry.deleteManifest(name, digest))) return "gone";
    const waits = keeping.has(registryOf(name)) ? [] : patience;
    for (const wait of [0, ...waits]) {
      if (wait > 0) await host.sleep(wait);
      if (!(await isThere(registry, name, digest))) return "deleted";
    }
    keeping.add(registryOf(name));
    return "stays";
  };
}

async function isThere(registry: Registry, name: ImageName, digest: Digest): Promise<boolean> {
  return (await registry.headManifest(name, digest)) !== undefined;
}

/** Why a manifest is still there, for a person. */
export function whyItStays(name: ImageName): string {
  return `${registryOf(name)} accepted the deletion and still has it: look at its settings, or let its own clean-up delete it`;
}
