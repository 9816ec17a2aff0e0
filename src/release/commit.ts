import { isDeepStrictEqual } from "node:util";
import { SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import type { Digest } from "../model/digest.ts";
import type { RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import type { ReleasedService, ReleaseManifest } from "../model/release.ts";
import type { Registry } from "../registry/registry.ts";
import { patience } from "./patience.ts";
import { makeReleaseName, promotedTag, type RecordIndex, type ReleaseName } from "./record-names.ts";
import { prepareRelease, putRelease, readRecords, readRelease, type StoredRelease } from "./records.ts";
import { ensureWhole } from "./wholeness.ts";

/** A release that is to exist. */
export interface CommitRequest {
  /** The repository of the records. */
  readonly releases: ImageName;
  readonly manifest: ReleaseManifest;
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
    preflight(registry, request, name),
    prepareRelease(registry, releases, name, manifest),
  ]);
  if (looked.status === "rejected") throw looked.reason;
  const { existing, manifests } = looked.value;
  if (existing !== undefined) {
    emit({ kind: "committed", record: name.tag, digest: existing.raw.digest, already: true });
    return { stored: existing, already: true, manifests, records: undefined };
  }
  if (prepared.status === "rejected") throw prepared.reason;
  await putRelease(registry, releases, prepared.value);
  const [stored, records] = await Promise.all([
    readBack(host, registry, releases, prepared.value),
    readRecords(registry, releases),
  ]);
  emit({ kind: "committed", record: name.tag, digest: stored.raw.digest, already: false });
  return { stored, already: false, manifests, records };
}

/**
 * What is under a record's tag after this run has put it there: its own, or that of another run that ships the same images. No
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
    registry.getManifest(releases, promotedTag(put.name.tag)),
  ]);
  // This run's PUT came after another run had finished the same version: that release is put back.
  const isLate = finished !== undefined && finished.digest !== put.raw.digest;
  if (isLate) await registry.putManifest(releases, put.name.tag, finished);
  return !isLate && (there === undefined || there === put.raw.digest) ? put : adoptOther(registry, releases, put);
}

/**
 * The record of another run that took the place of this one's, when it ships the same, or images of the same inputs. Throws
 * `refused` when it does not.
 */
export async function adoptOther(registry: Registry, releases: ImageName, ours: StoredRelease): Promise<StoredRelease> {
  const theirs = await readRelease(registry, releases, ours.name.tag);
  if (theirs === undefined) return ours;
  const isSame = differencesBetween(theirs.manifest, ours.manifest).length === 0;
  if (isSame || isMadeFromSame(theirs.manifest, ours.manifest)) return theirs;
  throw committedByAnother(releases, ours.name);
}

/**
 * Two runs of one commit that build the same inputs at once may get different digests, since an image's labels have its time. The
 * one whose record stays is the release.
 */
function isMadeFromSame(theirs: ReleaseManifest, ours: ReleaseManifest): boolean {
  return theirs.commit === ours.commit && isDeepStrictEqual(madeFrom(theirs), madeFrom(ours));
}

/** By service: its names, and the fingerprint on each platform. */
function madeFrom({ services }: ReleaseManifest): unknown {
  return services.map(({ service, images, platforms }) => ({
    service,
    images,
    platforms: platforms.map(({ platform, fingerprint }) => ({ platform, fingerprint })),
  }));
}

function committedByAnother(releases: ImageName, name: ReleaseName): SlipwayError {
  return new SlipwayError("refused", `another run committed ${name.tag} to ${releases} at the same moment`, {
    hint: "run the same command again: it says whether the two differ, and finishes what was begun",
  });
}

/**
 * Looks, without changing anything that is visible: the version is not there with other images, nor are its tags under any image
 * name; every image is whole, under every name (copies are made here). Throws `refused` with all that differs.
 */
async function preflight(registry: Registry, request: CommitRequest, name: ReleaseName): Promise<Preflight> {
  const { releases, manifest, indexes, seen } = request;
  const [existing, taken, wholes] = await Promise.all([
    readRelease(registry, releases, name.tag),
    takenTags(registry, manifest.services),
    Promise.allSettled(
      manifest.services.map((service) =>
        ensureWhole(registry, service, indexes.get(service.service), seen?.has(service.service)),
      ),
    ),
  ]);
  const differences = existing === undefined ? taken : differencesFrom(existing.manifest, manifest);
  if (differences.length > 0) throw existsOtherwise(name, releases, differences);
  const failed = wholes.find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const raws = wholes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  return { existing, manifests: new Map(raws.map((raw) => [raw.digest, raw])) };
}

/** It was committed while this run was building, if it is of the same inputs; nothing else builds for what exists. */
function differencesFrom(existing: ReleaseManifest, manifest: ReleaseManifest): string[] {
  return isMadeFromSame(existing, manifest) ? [] : differencesBetween(existing, manifest);
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
      for (const tag of [...service.tags.version, ...service.tags.moving]) {
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

/** Version tags that are there already, with other content than this release gives them. */
async function takenTags(registry: Registry, services: readonly ReleasedService[]): Promise<string[]> {
  const wanted = services.flatMap((service) =>
    service.images.flatMap((image) => service.tags.version.map((tag) => ({ service, image, tag }))),
  );
  const found = await Promise.all(
    wanted.map(async ({ service, image, tag }) => {
      const head = await registry.headManifest(image, tag);
      if (head === undefined || head.digest === service.digest) return [];
      return [`${service.service}: ${image}:${tag} is ${head.digest}, this release has ${service.digest}`];
    }),
  );
  return found.flat();
}

/** What two releases ship differently, service by service; nothing when they ship the same images under the same names. */
export function differencesBetween(before: ReleaseManifest, after: ReleaseManifest): string[] {
  const had = new Map(before.services.map((service) => [service.service, service]));
  const has = new Map(after.services.map((service) => [service.service, service]));
  return [...new Set([...had.keys(), ...has.keys()])].sort().flatMap((service) => {
    const old = had.get(service);
    const now = has.get(service);
    if (old === undefined) return [`${service}: it was not part of it`];
    if (now === undefined) return [`${service}: it was part of it, with ${old.digest}`];
    if (old.digest !== now.digest) return [`${service}: it has ${old.digest}, now it would be ${now.digest}`];
    const names = [old.images.join(", "), now.images.join(", ")];
    return names[0] === names[1] ? [] : [`${service}: it went to ${names[0]}, now it would go to ${names[1]}`];
  });
}

function existsOtherwise(name: ReleaseName, releases: ImageName, differences: readonly string[]): SlipwayError {
  const what = name.kind === "version" ? `version ${name.version.text}` : `a release of ${name.branch} at ${name.sha}`;
  const hint =
    name.kind === "version"
      ? "a version never changes once it exists: release these images under the next version"
      : "a commit is released once: release the next commit, or look at what made the images differ with `slipway plan`";
  const lines = differences.map((line) => `  ${line}`).join("\n");
  return new SlipwayError("refused", `${what} exists with other content (${releases}:${name.tag})\n${lines}`, { hint });
}
