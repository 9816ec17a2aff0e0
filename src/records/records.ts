import { SlipwayError } from "../errors.ts";
import { byKey } from "../model/order.ts";
import type { RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import type { AbandonmentRecord, ReleaseManifest, RollbackRecord } from "../model/release.ts";
import type { OpenedUpload } from "../registry/opened-upload.ts";
import type { Registry } from "../registry/registry.ts";
import {
  type Artifact,
  makeArtifactManifest,
  putArtifact,
  putArtifactBlobs,
  readArtifact,
} from "../images/artifact.ts";
import {
  branchSlug,
  comparePrecedence,
  groupSlug,
  makeReleaseName,
  parseRecordTags,
  parseReleaseTag,
  promotedTag,
  type RecordIndex,
  type ReleaseName,
} from "./record-names.ts";
import { parseAbandonmentRecord, parseReleaseManifest, parseRollbackRecord } from "./record-schema.ts";

/** Artifact types of the records in a release repository. */
const recordTypes = {
  release: "application/vnd.slipway.release.v1+json",
  rollback: "application/vnd.slipway.rollback.v1+json",
  abandonment: "application/vnd.slipway.abandonment.v1+json",
} as const;

/** A release manifest and the bytes it has in the registry. */
export interface StoredRelease {
  readonly name: ReleaseName;
  readonly manifest: ReleaseManifest;
  readonly raw: RawManifest;
}

/** A rollback record and the bytes it has in the registry. */
export interface StoredRollback {
  readonly record: RollbackRecord;
  readonly raw: RawManifest;
}

/** An abandonment record and the bytes it has in the registry. */
export interface StoredAbandonment {
  readonly abandonment: AbandonmentRecord;
  readonly raw: RawManifest;
}

export type StoredRecord = StoredRelease | StoredRollback | StoredAbandonment;

/** Lists the records of a release repository, by one list of tags. */
export async function readRecords(registry: Registry, releases: ImageName): Promise<RecordIndex> {
  return parseRecordTags(await registry.listTags(releases));
}

/** Reads a release's record; undefined when there is none. Throws `refused` when it is not a readable release manifest. */
export function readReleaseRecord(
  registry: Registry,
  releases: ImageName,
  tag: string,
): Promise<StoredRelease | undefined> {
  return readReleaseAt(registry, releases, tag, tag);
}

/** Reads the copy of a release's record under its mark; undefined when the release has no mark. Throws as `readReleaseRecord`. */
export function readMark(registry: Registry, releases: ImageName, tag: string): Promise<StoredRelease | undefined> {
  return readReleaseAt(registry, releases, tag, promotedTag(tag));
}

/**
 * Reads a finished release from its mark, and an unfinished one from its record. The record of a finished release may briefly be that of
 * another run of the same version, which put its own later and then restores the finished one. Throws as `readReleaseRecord`.
 */
export async function readRelease(
  registry: Registry,
  releases: ImageName,
  tag: string,
): Promise<StoredRelease | undefined> {
  return (await readMark(registry, releases, tag)) ?? readReleaseRecord(registry, releases, tag);
}

async function readReleaseAt(
  registry: Registry,
  releases: ImageName,
  record: string,
  at: string,
): Promise<StoredRelease | undefined> {
  const name = parseReleaseTag(record);
  if (name === undefined) return undefined;
  const found = await readParsed(registry, releases, at, releaseForm);
  return found === undefined ? undefined : { name, manifest: found.value, raw: found.raw };
}

/** Artifact type, parser and name of one kind of record. */
interface RecordForm<T> {
  readonly type: string;
  readonly called: string;
  readonly parse: (content: Uint8Array) => T | undefined;
}

const releaseForm = { type: recordTypes.release, called: "release manifest", parse: parseReleaseManifest };
const rollbackForm = { type: recordTypes.rollback, called: "rollback record", parse: parseRollbackRecord };
const abandonmentForm = { type: recordTypes.abandonment, called: "abandonment record", parse: parseAbandonmentRecord };

/** Reads and parses a record; undefined when the tag does not exist. Throws `refused` when it cannot be parsed. */
async function readParsed<T>(
  registry: Registry,
  releases: ImageName,
  tag: string,
  { type, called, parse }: RecordForm<T>,
): Promise<{ readonly value: T; readonly raw: RawManifest } | undefined> {
  const raw = await registry.getManifest(releases, tag);
  if (raw === undefined) return undefined;
  const content = await readArtifact(registry, releases, raw, type);
  const value = content === undefined ? undefined : parse(content);
  if (value === undefined) throw unreadable(releases, tag, called);
  return { value, raw };
}

/** Reads the exact text of a release manifest, as it was finished. Throws `unavailable` when the record is not there. */
export async function readReleaseContent(registry: Registry, releases: ImageName, tag: string): Promise<string> {
  const raw = (await registry.getManifest(releases, promotedTag(tag))) ?? (await registry.getManifest(releases, tag));
  const content = raw === undefined ? undefined : await readArtifact(registry, releases, raw, recordTypes.release);
  if (content !== undefined) return new TextDecoder().decode(content);
  throw new SlipwayError("registry-inconsistent", `reading ${releases}:${tag}: the record is not there`, {
    hint: "a registry may show a new push with a delay: run the same command again",
  });
}

/** Reads a rollback's record; undefined when there is none. Throws `refused` when it is not a readable rollback. */
export async function readRollbackRecord(
  registry: Registry,
  releases: ImageName,
  tag: string,
): Promise<StoredRollback | undefined> {
  const found = await readParsed(registry, releases, tag, rollbackForm);
  return found === undefined ? undefined : { record: found.value, raw: found.raw };
}

/** Reads an abandonment's record; undefined when there is none. Throws `refused` when it is not a readable abandonment. */
export async function readAbandonment(
  registry: Registry,
  releases: ImageName,
  tag: string,
): Promise<StoredAbandonment | undefined> {
  const found = await readParsed(registry, releases, tag, abandonmentForm);
  return found === undefined ? undefined : { abandonment: found.value, raw: found.raw };
}

function unreadable(releases: ImageName, tag: string, what: string): SlipwayError {
  return new SlipwayError(
    "record-unreadable",
    `reading ${releases}:${tag}: it is no ${what} that this version of slipway can read`,
    {
      hint: "use a newer slipway, or look at what was pushed under this tag; nothing else should write to this repository",
    },
  );
}

/** A line of releases: the versions of a group, or one branch. */
export interface ReleaseLine {
  readonly group: string;
  /** Name of the branch; undefined: the versions. */
  readonly branch?: string | undefined;
}

/**
 * Reads the newest release of a line, including pre-releases. Of versions that differ in build metadata only, the one that was released
 * last. Undefined when there is none.
 */
export async function readLatest(
  read: (tag: string) => Promise<StoredRelease | undefined>,
  index: RecordIndex,
  { group, branch }: ReleaseLine,
): Promise<StoredRelease | undefined> {
  const inLine = index.releases.filter((name) => isInLine(name, groupSlug(group), branch));
  const newest = inLine.at(-1);
  const equal = inLine.filter((name) => newest !== undefined && comparePrecedence(name, newest) === 0);
  const stored = await Promise.all(equal.map(({ tag }) => read(tag)));
  return stored
    .flatMap((each) => each ?? [])
    .sort(byKey(({ manifest }) => manifest.releasedAt))
    .at(-1);
}

function isInLine(name: ReleaseName, group: string, branch: string | undefined): boolean {
  if (name.group !== group) return false;
  if (name.kind === "version") return branch === undefined;
  return branch !== undefined && name.branch === recordBranch(branch);
}

/** A branch in record names, which may be shorter than its slug. */
function recordBranch(branch: string): string {
  const name = makeReleaseName(
    "default",
    { kind: "branch", branch, generation: 0, committedAt: "", revision: 1 },
    "0".repeat(12),
  );
  return name.kind === "branch" ? name.branch : branchSlug(branch);
}

/** Makes a release's record in memory. */
export function prepareManifest(name: ReleaseName, manifest: ReleaseManifest): StoredRelease {
  return { name, manifest, raw: makeArtifactManifest(releaseArtifact(name, manifest)) };
}

/** A release whose record is to be put. */
export interface NewRecord {
  readonly name: ReleaseName;
  readonly manifest: ReleaseManifest;
  /** Upload to the release repository that was started already. */
  readonly upload?: OpenedUpload | undefined;
}

/** Puts the blobs of a release's record. Nothing is visible until `putRelease`. */
export async function prepareRelease(
  registry: Registry,
  releases: ImageName,
  { name, manifest, upload }: NewRecord,
): Promise<StoredRelease> {
  return { name, manifest, raw: await putArtifactBlobs(registry, releases, releaseArtifact(name, manifest), upload) };
}

/** Puts a prepared release manifest under its record's tag: the commit point of a release. */
export async function putRelease(registry: Registry, releases: ImageName, prepared: StoredRelease): Promise<void> {
  await registry.putManifest(releases, prepared.name.tag, prepared.raw);
}

function releaseArtifact(name: ReleaseName, manifest: ReleaseManifest): Artifact {
  const { subject } = manifest;
  const what = subject.kind === "version" ? `version ${subject.version}` : `branch ${subject.branch}`;
  return {
    artifactType: recordTypes.release,
    mediaType: recordTypes.release,
    content: new TextEncoder().encode(JSON.stringify(manifest)),
    embed: true,
    annotations: {
      "org.opencontainers.image.title": `Release manifest of ${what}`,
      "org.opencontainers.image.version": subject.kind === "version" ? subject.version : name.tag,
      "org.opencontainers.image.revision": manifest.commit,
      "org.opencontainers.image.created": manifest.releasedAt,
      ...(manifest.source === "" ? {} : { "org.opencontainers.image.source": manifest.source }),
    },
  };
}

/** Puts a rollback's record under its tag. */
export async function putRollback(
  registry: Registry,
  releases: ImageName,
  tag: string,
  record: RollbackRecord,
): Promise<StoredRollback> {
  const annotations = {
    "org.opencontainers.image.title": `Rollback to ${record.to}`,
    "org.opencontainers.image.created": record.decidedAt,
  };
  const artifact = recordArtifact(recordTypes.rollback, record, annotations);
  return { record, raw: await putArtifact(registry, releases, tag, artifact) };
}

/** Puts an abandonment's record under its tag. */
export async function putAbandonment(
  registry: Registry,
  releases: ImageName,
  tag: string,
  abandonment: AbandonmentRecord,
): Promise<StoredAbandonment> {
  const annotations = {
    "org.opencontainers.image.title": `Abandonment of ${abandonment.release}`,
    "org.opencontainers.image.created": abandonment.abandonedAt,
  };
  const artifact = recordArtifact(recordTypes.abandonment, abandonment, annotations);
  return { abandonment, raw: await putArtifact(registry, releases, tag, artifact) };
}

function recordArtifact(type: string, record: object, annotations: Artifact["annotations"]): Artifact {
  const content = new TextEncoder().encode(JSON.stringify(record));
  return { artifactType: type, mediaType: type, content, embed: true, annotations };
}
