import { SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import type { Digest } from "../model/digest.ts";
import { eachImage, tagsOfImage } from "../model/image-tags.ts";
import type { RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import type { ReleasedService, ReleaseManifest } from "../model/release.ts";
import type { Registry } from "../registry/registry.ts";
import type { TaggedService } from "./decide-tags.ts";
import { readDecided, refusalOf } from "./own-record.ts";
import { patience } from "./patience.ts";
import { reconcile } from "./reconcile.ts";
import { makeReleaseName, promotedTag, type RecordIndex, type ReleaseName, spokenName } from "./record-names.ts";
import { prepareRelease, putRelease, readRecords, readReleaseRecord, type StoredRelease } from "./records.ts";
import { differencesBetween, versionPlaces } from "./release-differences.ts";
import { isSameRelease } from "./same-release.ts";
import { ensureWhole } from "./wholeness.ts";

/** A release that is to exist. */
export interface CommitRequest {
  /** The repository of the records. */
  readonly releases: ImageName;
  readonly manifest: ReleaseManifest;
  /** What decides the services' tags. */
  readonly services: readonly TaggedService[];
  /** By service: the index that `ReleasedService.digest` names, where it may not be in the registry yet. */
  readonly indexes: ReadonlyMap<string, RawManifest>;
  /** Services whose manifests this command has seen in the registry a moment ago, so that they are not asked for again. */
  readonly seen?: ReadonlySet<string>;
}

/** A release that exists. */
export interface Committed {
  /** The release as it is recorded: where it was committed before, the manifest of that time. */
  readonly stored: StoredRelease;
  /** Whether it was there before, with the same images. */
  readonly already: boolean;
  /** Manifests that were read or made, for `reconcile` to put under tags without reading them again. */
  readonly manifests: ReadonlyMap<Digest, RawManifest>;
  /** The records as they were listed after the release was put, for `reconcile` to begin with. */
  readonly records: RecordIndex | undefined;
}

/** What must hold before a release is committed, and does. */
interface Preflight {
  readonly existing: StoredRelease | undefined;
  readonly manifests: ReadonlyMap<Digest, RawManifest>;
}

/**
 * Makes a release exist: after `preflight`, one PUT of its manifest under its record's tag. Before that nothing visible moved;
 * after it the release is, and `reconcile` sends the tags where they belong. Throws `refused` when the version exists with other
 * images, also when another run commits it from other inputs at the same moment.
 */
export async function commitRelease(
  host: Host,
  registry: Registry,
  request: CommitRequest,
  emit: Emit,
): Promise<Committed> {
  const { releases, manifest } = request;
  checkTags(manifest, releases);
  const name = makeReleaseName(manifest.group, manifest.subject, manifest.commit);
  // What the record consists of may be there though it is not committed: nothing points at it.
  const [looked, prepared] = await Promise.allSettled([
    preflight(host, registry, request, name),
    prepareRelease(registry, releases, name, manifest),
  ]);
  if (looked.status === "rejected") throw looked.reason;
  const { existing, manifests } = looked.value;
  if (existing !== undefined) {
    emit({
      kind: "committed",
      record: name.tag,
      release: spokenName(name),
      digest: existing.raw.digest,
      already: true,
    });
    return { stored: existing, already: true, manifests, records: undefined };
  }
  if (prepared.status === "rejected") throw prepared.reason;
  await putRelease(registry, releases, prepared.value);
  const [stored, records] = await Promise.all([
    readBack(host, registry, releases, prepared.value),
    readRecords(registry, releases),
  ]);
  emit({ kind: "committed", record: name.tag, release: spokenName(name), digest: stored.raw.digest, already: false });
  return { stored, already: false, manifests, records };
}

/**
 * What is under a record's tag after this run has put it there: its own, or that of another run that made the same release. No
 * registry can exclude that two runs look, see nothing, and both put; throws `refused` when the other one ships something else.
 */
async function readBack(
  host: Host,
  registry: Registry,
  releases: ImageName,
  put: StoredRelease,
): Promise<StoredRelease> {
  const ask = async (): Promise<Digest | undefined> => (await registry.headManifest(releases, put.name.tag))?.digest;
  const [there, finished] = await Promise.all([
    patience(host, ask, (digest) => digest !== undefined),
    registry.headManifest(releases, promotedTag(put.name.tag)),
  ]);
  // A mark: this run's PUT came after another run had finished the same version.
  const isOwn = (digest: Digest | undefined): boolean => digest === undefined || digest === put.raw.digest;
  if (isOwn(there) && isOwn(finished?.digest)) return put;
  const decided = (await readDecided(registry, releases, put.name)) ?? put;
  const refusal = await refusalOf(registry, releases, decided, put);
  if (refusal !== undefined) throw refusal;
  return decided;
}

/**
 * Looks, without changing anything that is visible: the version is not there with other images, nor are its tags under any image
 * name; every image is whole, under every name (copies are made here). Throws `refused` with all that differs.
 */
async function preflight(
  host: Host,
  registry: Registry,
  request: CommitRequest,
  name: ReleaseName,
): Promise<Preflight> {
  const { releases, manifest, indexes, seen } = request;
  const [{ existing, taken }, wholes] = await Promise.all([
    lookAtVersion(registry, releases, name, () => lookAtVersionTags(registry, manifest.services)),
    Promise.allSettled(
      manifest.services.map((service) =>
        ensureWhole(registry, service, indexes.get(service.service), seen?.has(service.service)),
      ),
    ),
  ]);
  if (existing !== undefined) await checkSame(host, registry, request, { existing, taken });
  else if (taken.differences.length > 0) throw existsOtherwise(name, releases, taken.differences);
  const failed = wholes.find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const raws = wholes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  return { existing, manifests: new Map(raws.map((raw) => [raw.digest, raw])) };
}

/**
 * Throws `refused` when the record holds another release than this run makes; it may have been committed while this run was building.
 * Version tags that hold this run's images were then put by an earlier run of the same command that lost to the record and could
 * not finish: they go to the record's images first.
 */
async function checkSame(
  host: Host,
  registry: Registry,
  { releases, services, manifest }: CommitRequest,
  { existing, taken }: { readonly existing: StoredRelease; readonly taken: TakenTags },
): Promise<void> {
  if (await isSameRelease(registry, existing.manifest, manifest)) return;
  const recorded = versionPlaces(existing.manifest);
  const isLeft = taken.ours.some(
    (place) => recorded.has(place) && recorded.get(place) !== versionPlaces(manifest).get(place),
  );
  if (isLeft) {
    const request = { releases, services, own: existing, refused: manifest, all: true };
    // A fault here adds nothing: the refusal that follows names everything that differs.
    await reconcile(host, registry, request, () => undefined).catch((error: unknown) => {
      if (error instanceof SlipwayError && error.code === "interrupted") throw error;
    });
  }
  throw existsOtherwise(existing.name, releases, differencesBetween(existing.manifest, manifest));
}

/** Two services must not give one tag of one image name to different images. */
function checkTags(manifest: ReleaseManifest, releases: ImageName): void {
  const given = new Map<string, ReleasedService>();
  for (const service of manifest.services) {
    for (const image of service.images) {
      if (image === releases) {
        throw new SlipwayError(
          "configuration",
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
            "configuration",
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
 * Throws what `commitRelease` would, as far as it is known before the images are built. Changes nothing. `unbuilt`:
 * services whose digest in the manifest stands for an image that is still to be built.
 */
export async function checkCommit(
  registry: Registry,
  {
    releases,
    manifest,
    unbuilt,
  }: Pick<CommitRequest, "releases" | "manifest"> & { readonly unbuilt: ReadonlySet<string> },
): Promise<void> {
  checkTags(manifest, releases);
  const name = makeReleaseName(manifest.group, manifest.subject, manifest.commit);
  const { existing, taken } = await lookAtVersion(registry, releases, name, () =>
    lookAtVersionTags(registry, manifest.services, unbuilt),
  );
  if (existing === undefined && taken.differences.length > 0) throw existsOtherwise(name, releases, taken.differences);
  if (existing !== undefined && !(await isSameRelease(registry, existing.manifest, manifest))) {
    throw existsOtherwise(name, releases, differencesBetween(existing.manifest, manifest));
  }
}

/**
 * The record and the version tags. A tag without a record may be that of a run that committed between the two looks: a record is put
 * before its tags, so it is looked for once more.
 */
async function lookAtVersion(
  registry: Registry,
  releases: ImageName,
  { tag }: ReleaseName,
  lookAtTags: () => Promise<TakenTags>,
): Promise<{ readonly existing: StoredRelease | undefined; readonly taken: TakenTags }> {
  const [first, taken] = await Promise.all([readReleaseRecord(registry, releases, tag), lookAtTags()]);
  const isAgain = first === undefined && taken.differences.length > 0;
  return { existing: isAgain ? await readReleaseRecord(registry, releases, tag) : first, taken };
}

/** The version tags of a release, as they are before it is committed. */
interface TakenTags {
  /** Those with other content than this release gives them, each as a sentence. */
  readonly differences: readonly string[];
  /** Those that hold this release's images already, as `IMAGE:TAG`. */
  readonly ours: readonly string[];
}

async function lookAtVersionTags(
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

function existsOtherwise(name: ReleaseName, releases: ImageName, differences: readonly string[]): SlipwayError {
  const what = name.kind === "version" ? `version ${name.version.text}` : `a release of ${name.branch} at ${name.sha}`;
  const hint =
    name.kind === "version"
      ? "a version never changes once it exists: release these images under the next version"
      : "a commit is released once: release the next commit, or look at what made the images differ with `slipway plan`";
  const message = `${what} exists with other content (${releases}:${name.tag})`;
  return new SlipwayError("refused", [message, ...differences.map((line) => `  ${line}`)], { hint });
}
