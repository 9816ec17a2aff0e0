import { SlipwayError } from "../errors.ts";
import { eachImage, tagsOfImage } from "../model/image-tags.ts";
import type { ImageName } from "../model/reference.ts";
import type { ReleasedService, ReleaseManifest } from "../model/release.ts";
import type { Registry } from "../registry/registry.ts";
import type { ReleaseName } from "./record-names.ts";
import { readReleaseRecord, type StoredRelease } from "./records.ts";

/** Refuses two services that give one tag of one image name to different images. */
export function checkTags(manifest: ReleaseManifest, releases: ImageName): void {
  const given = new Map<string, ReleasedService>();
  for (const service of manifest.services) {
    for (const image of service.images) {
      if (image === releases) {
        throw new SlipwayError(
          "tag-claimed-twice",
          `${service.service}: ${image} holds the release records, it cannot hold images`,
          {
            hint: "choose another name for the image, or for `releases`",
          },
        );
      }
      const tags = tagsOfImage(service, image);
      for (const tag of [...tags.version, ...tags.moving]) {
        const other = given.get(`${image}:${tag}`);
        if (other !== undefined && other.digest !== service.digest) {
          throw new SlipwayError(
            "tag-claimed-twice",
            `${other.service} and ${service.service} both get the tag ${image}:${tag}`,
            {
              hint: "give them different image names, or put {service} into their tag templates",
            },
          );
        }
        given.set(`${image}:${tag}`, service);
      }
    }
  }
}

/**
 * Reads the record and the version tags. A tag without a record may come from a run that commits between the two reads: since records are
 * put before tags, the record is then read again.
 */
export async function lookAtVersion(
  registry: Registry,
  releases: ImageName,
  { tag }: ReleaseName,
  readTags: () => Promise<TakenTags>,
): Promise<{ readonly existing: StoredRelease | undefined; readonly taken: TakenTags }> {
  const [first, taken] = await Promise.all([readReleaseRecord(registry, releases, tag), readTags()]);
  const isAgain = first === undefined && taken.differences.length > 0;
  return { existing: isAgain ? await readReleaseRecord(registry, releases, tag) : first, taken };
}

/** The version tags of a release, as they are before it is committed. */
export interface TakenTags {
  /** Tags with other images than this release's, each as a sentence. */
  readonly differences: readonly string[];
  /** Tags that hold this release's images already, as `IMAGE:TAG`. */
  readonly ours: readonly string[];
}

export async function lookAtVersionTags(
  registry: Registry,
  services: readonly ReleasedService[],
  unbuilt: ReadonlySet<string> = new Set(),
): Promise<TakenTags> {
  const wanted = services.flatMap((service) =>
    eachImage(service).flatMap(({ image, tags }) => tags.version.map((tag) => ({ service, image, tag }))),
  );
  const found = await Promise.all(
    wanted.map(async (each) => ({ ...each, at: (await registry.headManifest(each.image, each.tag))?.digest })),
  );
  const there = found.flatMap(({ at, ...each }) => (at === undefined ? [] : [{ ...each, at }]));
  return {
    differences: there
      .filter(({ service, at }) => at !== service.digest)
      .map(
        ({ service, image, tag, at }) =>
          `${service.service}: ${image}:${tag} is ${at}, this release ${unbuilt.has(service.service) ? "builds another image" : `has ${service.digest}`}`,
      ),
    ours: there.filter(({ service, at }) => at === service.digest).map(({ image, tag }) => `${image}:${tag}`),
  };
}

export function existsOtherwise(name: ReleaseName, releases: ImageName, differences: readonly string[]): SlipwayError {
  const what = name.kind === "version" ? `version ${name.version.text}` : `a release of ${name.branch} at ${name.sha}`;
  const hint =
    name.kind === "version"
      ? "a version never changes once it exists: release these images under the next version"
      : "a commit is released once: release the next commit, or look at what made the images differ with `slipway plan`";
  const message = `${what} exists with other content (${releases}:${name.tag})`;
  return new SlipwayError("version-taken", [message, ...differences.map((line) => `  ${line}`)], { hint });
}
