import type { Host } from "../../host.ts";
import type { Digest } from "../../model/digest.ts";
import { type ImageName, registryOf } from "../../model/reference.ts";
import type { Registry } from "../../registry/registry.ts";

/** What came of a deletion. `stays`: the registry accepted it, and has the manifest all the same. */
export type ManifestDeletion = "deleted" | "gone" | "stays";

/**
 * Deletes a manifest and looks whether it is gone: a registry may answer 202 and delete nothing, or leave its tag. Throws what
 * the registry answers.
 */
export type DeleteManifest = (name: ImageName, digest: Digest, tag?: string) => Promise<ManifestDeletion>;

/** A registry that deletes a little later gets so long, in milliseconds, once: after that it is taken for one that does not. */
const patience: readonly number[] = [500, 2000];

/** What deleting takes. */
interface Deleting {
  readonly host: Pick<Host, "sleep">;
  readonly registry: Registry;
}

/** For one command. */
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
    // go-containerregistry's registry keeps the tags of what it deletes by digest.
    if (tag === undefined || !(await isAt(registry, name, tag, digest))) return wasThere ? "deleted" : "gone";
    await registry.deleteManifest(name, tag);
    return (await isAt(registry, name, tag, digest)) ? "stays" : "deleted";
  };
}

async function isAt(registry: Registry, name: ImageName, reference: string, digest: Digest): Promise<boolean> {
  return (await registry.headManifest(name, reference))?.digest === digest;
}

/** Why a manifest is still there, for a person. */
export function whyItStays(name: ImageName): string {
  return `${registryOf(name)} accepted the deletion and still has it: look at its settings, or let its own clean-up delete it`;
}
