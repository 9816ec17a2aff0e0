import type { Digest } from "../../model/digest.ts";
import type { ImageName } from "../../model/reference.ts";
import { parseRecordTags, type ReleaseName } from "../record-names.ts";
import { readReleaseRecord, readRollbackRecord } from "../records.ts";
import { type KnownRollback, type ReleaseTags, whereTagsBelong } from "./where-tags-belong.ts";
import { tagsOf, type ReleasesWorld } from "./world.ts";

/** The digest and release that every tag should have, from all records. */
export async function whereAllBelongs(
  world: ReleasesWorld,
): Promise<Map<string, { digest: Digest; name: ReleaseName }>> {
  const { registry } = world.client();
  const index = parseRecordTags([...tagsOf(world.memory, world.releases).keys()]);
  const stored = await Promise.all(index.releases.map(({ tag }) => readReleaseRecord(registry, world.releases, tag)));
  const releases = stored.flatMap((each) => each ?? []);
  const given = releases.map(({ name, manifest }): ReleaseTags => ({
    name,
    moving: new Map(manifest.services.map(({ service, tags }) => [service, tags.moving])),
  }));
  const rollbacks = await Promise.all(
    index.rollbacks.map(async (name): Promise<KnownRollback> => {
      const read = await readRollbackRecord(registry, world.releases, name.tag);
      return { name, knew: new Set(read?.record.knew) };
    }),
  );
  const all = new Map<string, { digest: Digest; name: ReleaseName }>();
  for (const { name, manifest } of releases) {
    for (const service of manifest.services) {
      for (const tag of service.tags.version) {
        for (const image of service.images) all.set(`${image}:${tag}`, { digest: service.digest, name });
      }
    }
  }
  const digests = new Map(
    releases.flatMap(({ name, manifest }) =>
      manifest.services.map((each) => [`${name.tag} ${each.service}`, each.digest]),
    ),
  );
  for (const [service, tags] of whereTagsBelong(given, rollbacks)) {
    for (const [tag, name] of tags) {
      const digest = digests.get(`${name.tag} ${service}`);
      const { images } = world.services.find((each) => each.name === service) ?? { images: [] };
      if (digest !== undefined) for (const image of images) all.set(`${image}:${tag}`, { digest, name });
    }
  }
  return all;
}

/** The digests of all tags that releases give, without fingerprint tags. */
export function whereAllIs(world: ReleasesWorld): Map<string, Digest> {
  const images: ImageName[] = world.services.flatMap((service) => [...service.images]);
  return new Map(
    images.flatMap((image) =>
      [...tagsOf(world.memory, image)].flatMap(([tag, digest]): [string, Digest][] =>
        tag.startsWith("fp-") ? [] : [[`${image}:${tag}`, digest]],
      ),
    ),
  );
}
