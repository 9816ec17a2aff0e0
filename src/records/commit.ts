import { isInterruption } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import type { Digest } from "../model/digest.ts";
import type { RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import type { ReleaseManifest } from "../model/release.ts";
import { settleAll } from "../model/settle.ts";
import type { OpenedUpload } from "../registry/opened-upload.ts";
import type { Registry } from "../registry/registry.ts";
import type { TaggedService } from "./decide-tags.ts";
import { lookAtTags, type SeenTags } from "./move-tags.ts";
import { readDecided, refusalOf } from "./own-record.ts";
import { pollUntil } from "./poll-until.ts";
import { reconcile } from "./reconcile.ts";
import { makeReleaseName, promotedTag, type RecordIndex, type ReleaseName, displayName } from "./record-names.ts";
import { prepareRelease, putRelease, readRecords, type StoredRelease } from "./records.ts";
import { differencesBetween, versionPlaces } from "./release-differences.ts";
import { isSameRelease } from "./same-release.ts";
import { ensureWhole } from "../images/wholeness.ts";
import { checkTags, existsOtherwise, lookAtVersion, lookAtVersionTags, type TakenTags } from "./version-tags.ts";

/** The release to commit. */
export interface CommitRequest {
  /** The repository of the records. */
  readonly releases: ImageName;
  readonly manifest: ReleaseManifest;
  /** The services whose tags the release gives, with their templates. */
  readonly services: readonly TaggedService[];
  /** By service: the index behind `ReleasedService.digest`, if the registry may not have it yet. */
  readonly indexes: ReadonlyMap<string, RawManifest>;
  /** Services whose manifests this command has just seen in the registry, so that it need not ask again. */
  readonly seen?: ReadonlySet<string>;
  /** Whether images carry statements, which every further image name is to have, too. */
  readonly isSigned?: boolean | undefined;
  /** Called with the record before it is put, such as to attach what vouches for it. A fault here ends the commit, and nothing exists. */
  readonly beforePut?: ((record: RawManifest) => Promise<void>) | undefined;
  /** Upload to the release repository that was started already. */
  readonly upload?: OpenedUpload | undefined;
  /** The same release, prepared before; default: it is prepared now. */
  readonly prepared?: PreparedCommit | undefined;
}

/** A release that exists. */
export interface Committed {
  /** The recorded release. If it was committed before, the manifest of that time. */
  readonly stored: StoredRelease;
  /** Whether it existed before, with the same images. */
  readonly already: boolean;
  /** Manifests in memory, so that `reconcile` can tag them without another read. */
  readonly manifests: ReadonlyMap<Digest, RawManifest>;
  /** The list of records after the commit, for `reconcile` to begin with. */
  readonly records: RecordIndex | undefined;
  /** The release's tags, as they were while the records were listed. */
  readonly tags: SeenTags | undefined;
}

/** What a commit reads before it decides: the record and version tags as they are, and each service's image made whole. */
interface Preflight {
  readonly existing: StoredRelease | undefined;
  readonly taken: TakenTags;
  readonly wholes: readonly PromiseSettledResult<RawManifest>[];
}

/** The part of a commit that changes nothing visible. It may begin before the release is decided on. */
export interface PreparedCommit {
  readonly manifest: ReleaseManifest;
  readonly preflight: Promise<Preflight>;
  /** The record, with its blobs in the registry. */
  readonly record: Promise<StoredRelease>;
}

type PrepareRequest = Pick<CommitRequest, "releases" | "manifest" | "indexes" | "seen" | "isSigned" | "upload">;

/** Whether the preparation succeeded and every image is whole. Waits for it. */
export async function isPrepared({ preflight, record }: PreparedCommit): Promise<boolean> {
  const [read, put] = await Promise.allSettled([preflight, record]);
  if (read.status === "rejected" || put.status === "rejected") return false;
  return read.value.wholes.every(({ status }) => status === "fulfilled");
}

/** Begins the part of a commit that changes nothing visible. Throws `refused` when two services get one tag. */
export function prepareCommit(registry: Registry, request: PrepareRequest): PreparedCommit {
  const { releases, manifest, upload } = request;
  checkTags(manifest, releases);
  const name = makeReleaseName(manifest.group, manifest.subject, manifest.commit);
  const preflight = readPreflight(registry, request, name);
  // The record's blobs may be uploaded early, since no tag points at them before the commit.
  const record = prepareRelease(registry, releases, { name, manifest, upload });
  // Both are awaited later. Their rejections must not end the process.
  for (const each of [preflight, record]) each.catch(() => undefined);
  return { manifest, preflight, record };
}

/**
 * Commits a release: after the preflight, one PUT of its manifest under its record's tag. No visible tag moves before; afterwards the release
 * exists, and `reconcile` moves the tags. Throws `refused` when the version exists with other images, also when another run commits it from
 * other inputs at the same moment.
 */
export async function commitRelease(
  host: Host,
  registry: Registry,
  request: CommitRequest,
  emit: Emit,
): Promise<Committed> {
  const { releases, manifest } = request;
  const name = makeReleaseName(manifest.group, manifest.subject, manifest.commit);
  const { preflight, record } = request.prepared ?? prepareCommit(registry, request);
  const [looked, prepared] = await Promise.allSettled([
    preflight.then((read) => checkPreflight(host, registry, request, read)),
    record,
  ]);
  if (looked.status === "rejected") throw looked.reason;
  const { existing, manifests } = looked.value;
  if (existing !== undefined) {
    emit({
      kind: "committed",
      record: name.tag,
      release: displayName(name),
      digest: existing.raw.digest,
      already: true,
    });
    return { stored: existing, already: true, manifests, records: undefined, tags: undefined };
  }
  if (prepared.status === "rejected") throw prepared.reason;
  await request.beforePut?.(prepared.value.raw);
  await putRelease(registry, releases, prepared.value);
  const [stored, records, tags] = await settleAll([
    readBack(host, registry, releases, prepared.value),
    readRecords(registry, releases),
    lookAtTags(registry, manifest),
  ]);
  emit({ kind: "committed", record: name.tag, release: displayName(name), digest: stored.raw.digest, already: false });
  return { stored, already: false, manifests, records, tags };
}

/**
 * Reads back the record after this run put it. Another run of the same release may have put its own: no registry can prevent that two runs
 * look, see nothing, and both put. Throws `refused` when the other run ships other images.
 */
async function readBack(
  host: Host,
  registry: Registry,
  releases: ImageName,
  put: StoredRelease,
): Promise<StoredRelease> {
  const ask = async (): Promise<Digest | undefined> => (await registry.headManifest(releases, put.name.tag))?.digest;
  const [there, finished] = await Promise.all([
    pollUntil(host, ask, (digest) => digest !== undefined),
    registry.headManifest(releases, promotedTag(put.name.tag)),
  ]);
  // A mark shows that another run had finished the same version before this run's PUT.
  const isOwn = (digest: Digest | undefined): boolean => digest === undefined || digest === put.raw.digest;
  if (isOwn(there) && isOwn(finished?.digest)) return put;
  const decided = (await readDecided(registry, releases, put.name)) ?? put;
  const refusal = await refusalOf(registry, releases, decided, put);
  if (refusal !== undefined) throw refusal;
  return decided;
}

/** Reads the record and the version tags, and makes every image whole under every name (copies are made here). Changes nothing visible. */
async function readPreflight(
  registry: Registry,
  { releases, manifest, indexes, seen, isSigned }: PrepareRequest,
  name: ReleaseName,
): Promise<Preflight> {
  const [{ existing, taken }, wholes] = await Promise.all([
    lookAtVersion(registry, releases, name, () => lookAtVersionTags(registry, manifest.services)),
    Promise.allSettled(
      manifest.services.map((service) =>
        ensureWhole(registry, service, indexes.get(service.service), { seen: seen?.has(service.service), isSigned }),
      ),
    ),
  ]);
  return { existing, taken, wholes };
}

/**
 * Checks what was read: the version and its tags do not exist with other images, under any image name, and every image is whole. Throws
 * `refused` with all differences.
 */
async function checkPreflight(
  host: Host,
  registry: Registry,
  request: CommitRequest,
  { existing, taken, wholes }: Preflight,
): Promise<Pick<Committed, "manifests"> & { readonly existing: StoredRelease | undefined }> {
  const { releases, manifest } = request;
  if (existing !== undefined) await checkSame(host, registry, request, { existing, taken });
  else if (taken.differences.length > 0) {
    const name = makeReleaseName(manifest.group, manifest.subject, manifest.commit);
    throw existsOtherwise(name, releases, taken.differences);
  }
  const failed = wholes.find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const raws = wholes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  return { existing, manifests: new Map(raws.map((raw) => [raw.digest, raw])) };
}

/**
 * Throws `refused` when the record holds another release, which may have been committed while this run was building. Version tags with this
 * run's images then come from an earlier run of the same command that lost to the record and could not finish: they are moved to the
 * record's images first.
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
    // A fault here adds nothing to the refusal that follows, which names all differences.
    await reconcile(host, registry, request, () => undefined).catch((error: unknown) => {
      if (isInterruption(error)) throw error;
    });
  }
  throw existsOtherwise(existing.name, releases, differencesBetween(existing.manifest, manifest));
}

/**
 * Throws the errors of `commitRelease` that can be known before the images are built. Changes nothing. `unbuilt`: services whose digest in
 * the manifest is a placeholder.
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
