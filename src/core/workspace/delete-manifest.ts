import type { Host } from "../../host.ts";
import type { Digest } from "../../model/digest.ts";
import { type ImageName, registryOf } from "../../model/reference.ts";
import type { Registry } from "../../registry/registry.ts";

/** Result of a deletion. `gone`: it was not there. `stays`: the registry accepted the deletion but still has the manifest. */
export type ManifestDeletion = "deleted" | "gone" | "stays";

/**
 * Deletes a manifest and checks that it is gone, because a registry may answer 202 and delete nothing, or keep its tag. Throws the
 * registry's error.
 */
export type DeleteManifest = (name: ImageName, digest: Digest, tag?: string) => Promise<ManifestDeletion>;

/**
 * Delays in milliseconds before a manifest is checked again, for registries that delete later. Once a registry has kept a manifest through
 * all of them, its other manifests are checked once, without delay.
 */
const patience: readonly number[] = [500, 2000];

/** Host and registry of the deletions. */
interface Deleting {
  readonly host: Pick<Host, "sleep">;
  readonly registry: Registry;
}

/** Makes the deletion for one command. */
export function makeManifestDeleter({ host, registry }: Deleting): DeleteManifest {
  const keeping = new Set<string>();
  const isGoneSoon = async (name: ImageName, digest: Digest): Promise<boolean> => {
    const waits = keeping.has(registryOf(name)) ? [] : patience;
    for (const wait of [0, ...waits]) {
      if (wait > 0) await host.sleep(wait);
      if (!(await isAt(registry, name, digest, digest))) return true;
    }
    keeping.add(registryOf(name));
    return false;
  };
  return async (name, digest, tag) => {
    const wasThere = await registry.deleteManifest(name, digest);
    if (wasThere && !(await isGoneSoon(name, digest))) return "stays";
    // go-containerregistry's registry deletes the manifest by digest but keeps its tags.
    if (tag === undefined || !(await isAt(registry, name, tag, digest))) return wasThere ? "deleted" : "gone";
    await registry.deleteManifest(name, tag);
    return (await isAt(registry, name, tag, digest)) ? "stays" : "deleted";
  };
}

async function isAt(registry: Registry, name: ImageName, reference: string, digest: Digest): Promise<boolean> {
  return (await registry.headManifest(name, reference))?.digest === digest;
}

/** Explains to the user why a deleted manifest is still there. */
export function reasonItRemains(name: ImageName): string {
  return `${registryOf(name)} accepted the deletion and still has it: look at its settings, or let its own clean-up delete it`;
}
