import { type Digest, digestHex, digestOf, isDigest } from "../model/digest.ts";
import type { InvocationRecord, FoundRecord, InputsSketch, RecordSet } from "../model/build-record.ts";
import { sharedSet } from "../model/build-record.ts";
import type { Fingerprint } from "../model/inputs.ts";
import { emptyConfig, mediaType, type RawManifest } from "../model/oci.ts";
import { type ImageName, parseImageName } from "../model/reference.ts";
import { asFields, asTextMap, parseJson } from "../formats/json.ts";
import { hasKind, isAboutCredentials } from "../errors.ts";
import { readContent } from "../registry/content.ts";
import type { Registry } from "../registry/registry.ts";
import { type Artifact, makeArtifactManifest, putArtifact, readArtifact } from "./artifact.ts";
import { pack, unpack } from "./pack.ts";
import { isAttestation } from "./service-index.ts";

const recordType = "application/vnd.slipway.build.v1+json";

/** Annotations of a record's manifest, which hold everything that a decision needs, so that one GET reads it. */
const names = {
  fingerprint: "dev.slipway.fingerprint",
  set: "dev.slipway.record-set",
  image: "dev.slipway.image",
  digest: "dev.slipway.digest",
  mediaType: "dev.slipway.media-type",
  size: "dev.slipway.size",
  configDigest: "dev.slipway.config-digest",
  builtAt: "dev.slipway.built-at",
  commit: "dev.slipway.commit",
  buildSeconds: "dev.slipway.build-seconds",
  attestations: "dev.slipway.attestations",
  movedFor: "dev.slipway.moved-for",
  movedBy: "dev.slipway.moved-by-run",
} as const;

/** The image name and set of a record. */
export interface RecordStore {
  readonly name: ImageName;
  readonly set: RecordSet;
}

/** The tag of a record. It depends on the set, so that no run finds a record of another set. */
function recordTag(fingerprint: Fingerprint, set: RecordSet): string {
  const hex = set === sharedSet ? digestHex(fingerprint) : digestHex(digestOf(`${fingerprint}\0${set}`));
  return `fp-${hex.slice(0, 32)}`;
}

/** The tag of a build's last record. `of`: key of the build among those of the image name. */
function lastRecordTag(of: string, set: RecordSet): string {
  return `fp-last-${digestHex(digestOf(`${of}\0${set}`)).slice(0, 32)}`;
}

/** Looks for a record and its image: one GET each, and a HEAD for each listed manifest. Denied access counts as missing. */
export async function findRecord(
  registry: Registry,
  store: RecordStore,
  fingerprint: Fingerprint,
): Promise<FoundRecord> {
  const tag = recordTag(fingerprint, store.set);
  const raw = await readable(registry.getManifest(store.name, tag));
  if (raw === undefined) return { kind: "missing" };
  const record = readRecord(raw);
  if (record === undefined || record.fingerprint !== fingerprint || record.set !== store.set) {
    return { kind: "missing", warning: `${store.name}:${tag} does not match its tag and is not used` };
  }
  const missing = await findMissing(registry, record);
  return missing === undefined ? { kind: "found", record } : { kind: "not-whole", record, missing };
}

/**
 * The answer, or undefined for denied access. A registry answers 401, 403 or 404 for a name that does not exist yet, or that this run may
 * only push to.
 */
async function readable<T>(answer: Promise<T | undefined>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (isAboutCredentials(error)) return undefined;
    throw error;
  });
}

async function findMissing(registry: Registry, { image }: InvocationRecord): Promise<string | undefined> {
  const raw = await readable(registry.getManifest(image.name, image.digest));
  if (raw === undefined) return `${image.name}@${image.digest}`;
  const children = readContent(raw.bytes)?.manifests ?? [];
  const heads = await Promise.all(children.map(({ digest }) => registry.headManifest(image.name, digest)));
  const gone = children.find((_, at) => heads[at] === undefined);
  return gone === undefined ? undefined : `${isAttestation(gone) ? "attestation" : "image"} ${gone.digest}`;
}

/** A build's last record, with the sketch of its inputs and the last move of its tags. */
export interface LastRecord {
  readonly record: InvocationRecord;
  readonly sketch: InputsSketch;
  readonly moved: MoveNote;
}

/** The commit and run for which tags were moved; empty: unknown. */
export interface MoveNote {
  readonly commit: string;
  readonly run: string;
}

/** Reads a build's last record; undefined: there is none, or it cannot be read. */
export async function findLastRecord(
  registry: Registry,
  { name, set }: RecordStore,
  of: string,
): Promise<LastRecord | undefined> {
  const raw = await readable(registry.getManifest(name, lastRecordTag(of, set)));
  const record = raw === undefined ? undefined : readRecord(raw);
  if (raw === undefined || record === undefined || record.set !== set) return undefined;
  const content = await readArtifact(registry, name, raw, recordType).catch((error: unknown) => {
    if (!hasKind(error, "content-missing", "content-too-large")) throw error;
  });
  const text = content === undefined ? undefined : await unpack(content, mostSketchBytes);
  const sketch = text === undefined ? undefined : readSketch(parseJson(text));
  const annotations = readContent(raw.bytes)?.annotations ?? {};
  const moved = { commit: annotations[names.movedFor] ?? "", run: annotations[names.movedBy] ?? "" };
  return sketch === undefined ? undefined : { record, sketch, moved };
}

/** Upper limit of an unpacked sketch in bytes; enough for half a million files. */
const mostSketchBytes = 64 * 1024 * 1024;

/** Content of a record besides the fields of `InvocationRecord`. */
export interface RecordContent {
  readonly sketch: InputsSketch;
  /** Keys of the build, each of which names a last record. */
  readonly of: readonly string[];
  readonly moved: MoveNote;
}

/** Writes a record under its own tag, then under the tags of the build's last records. Gives all tags with their digests. */
export async function putRecord(
  registry: Registry,
  store: ImageName,
  record: InvocationRecord,
  { sketch, of, moved }: RecordContent,
): Promise<readonly WrittenTag[]> {
  const content = await pack(JSON.stringify(sketch));
  const annotations = annotationsOf(record);
  const tag = recordTag(record.fingerprint, record.set);
  const { digest } = await putArtifact(registry, store, tag, makeArtifact(content, annotations));
  const last = makeArtifact(content, { ...annotations, ...renderMove(moved) });
  return [{ tag, digest }, ...(await putLast(registry, { name: store, set: record.set }, last, of))];
}

/** A tag of a record, and what it points at. */
export interface WrittenTag {
  readonly tag: string;
  readonly digest: Digest;
}

/** Records that tags were moved to a recorded image for another commit, under the tags of the build's last records. */
export async function putMove(
  registry: Registry,
  store: RecordStore,
  record: InvocationRecord,
  { sketch, of, moved }: RecordContent,
): Promise<void> {
  const content = await pack(JSON.stringify(sketch));
  const own = { ...record, set: store.set };
  await putLast(registry, store, makeArtifact(content, { ...annotationsOf(own), ...renderMove(moved) }), of);
}

function makeArtifact(content: Uint8Array, annotations: Readonly<Record<string, string>>): Artifact {
  return { artifactType: recordType, mediaType: `${recordType}+gzip`, content, embed: false, annotations };
}

/** Puts a build's last record under each of its keys. Usually the registry has its document already, from the record itself. */
async function putLast(
  registry: Registry,
  { name, set }: RecordStore,
  artifact: Artifact,
  of: readonly string[],
): Promise<readonly WrittenTag[]> {
  await Promise.all([registry.putBlob(name, emptyConfig.bytes), registry.putBlob(name, artifact.content)]);
  const manifest = makeArtifactManifest(artifact);
  return Promise.all(
    of.map(async (key) => {
      const tag = lastRecordTag(key, set);
      return { tag, digest: await registry.putManifest(name, tag, manifest) };
    }),
  );
}

function renderMove({ commit, run }: MoveNote): Record<string, string> {
  return { [names.movedFor]: commit, [names.movedBy]: run };
}

function annotationsOf(record: InvocationRecord): Record<string, string> {
  const { image } = record;
  return {
    [names.fingerprint]: record.fingerprint,
    [names.set]: record.set,
    [names.image]: image.name,
    [names.digest]: image.digest,
    [names.mediaType]: image.mediaType,
    [names.size]: String(image.size),
    ...(image.configDigest === null ? {} : { [names.configDigest]: image.configDigest }),
    [names.builtAt]: record.builtAt,
    [names.commit]: record.commit,
    [names.buildSeconds]: String(Math.round(record.buildSeconds * 10) / 10),
    [names.attestations]: record.attestations.join(","),
  };
}

/** Parses a record; undefined: the manifest is not a record, or has an invalid field. */
function readRecord(raw: RawManifest): InvocationRecord | undefined {
  const content = readContent(raw.bytes);
  if (raw.mediaType !== mediaType.ociManifest || content?.artifactType !== recordType) return undefined;
  const { annotations = {} } = content;
  const text = (name: string): string => annotations[name] ?? "";
  const fingerprint = text(names.fingerprint);
  const digest = text(names.digest);
  const name = parseImageName(text(names.image));
  const configDigest = text(names.configDigest);
  if (!isDigest(fingerprint) || !isDigest(digest) || name === undefined) return undefined;
  if (configDigest !== "" && !isDigest(configDigest)) return undefined;
  const [size, buildSeconds] = [Number(text(names.size)), Number(text(names.buildSeconds))];
  if (!Number.isSafeInteger(size) || !Number.isFinite(buildSeconds)) return undefined;
  return {
    set: text(names.set),
    fingerprint,
    image: {
      name,
      digest,
      mediaType: text(names.mediaType),
      size,
      configDigest: configDigest === "" ? null : configDigest,
    },
    builtAt: text(names.builtAt),
    commit: text(names.commit),
    buildSeconds,
    attestations: text(names.attestations)
      .split(",")
      .filter((type) => type !== ""),
  };
}

function readSketch(value: unknown): InputsSketch | undefined {
  const fields = asFields(value);
  const entries = asTextMap(fields?.["entries"]);
  return fields?.["version"] === 1 && entries !== undefined ? { version: 1, entries } : undefined;
}
