import type { Digest } from "../model/digest.ts";
import { digestOf } from "../model/digest.ts";
import { type Descriptor, emptyConfig, type Manifest, mediaType, type RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import { bundleType, type SignedStatement } from "../model/statement.ts";
import { parseManifest } from "../registry/content.ts";
import type { Registry } from "../registry/registry.ts";
import { makeRawManifest } from "./artifact.ts";

/** Annotations by which readers choose among bundles: cosign and policy engines by the first two, Trivy by the third. */
const bundleAnnotations = {
  content: "dev.sigstore.bundle.content",
  predicateType: "dev.sigstore.bundle.predicateType",
  inToto: "in-toto.io/predicate-type",
} as const;

/** Upper limit of a bundle's size in bytes: what GitHub accepts of a predicate. */
const mostBundleBytes = 16 * 1024 * 1024;

/** Upper limit of bundles that are read of one manifest. Whoever may push may attach any number. */
const mostBundles = 64;

/** The manifest or index that a statement is attached to. */
export type AttachedTo = Pick<Descriptor, "mediaType" | "digest" | "size">;

export function attachedTo({ mediaType: type, digest, bytes }: RawManifest): AttachedTo {
  return { mediaType: type, digest, size: bytes.byteLength };
}

/**
 * Attaches a signed statement to a manifest of an image name, as cosign 3 does: a manifest with the bundle as its only layer, which refers to
 * the subject. Equal statements give equal manifests, so that attaching twice changes nothing. Returns the manifest's digest.
 */
export async function attachStatement(
  registry: Registry,
  name: ImageName,
  subject: AttachedTo,
  { statement, bundle }: SignedStatement,
): Promise<Digest> {
  const content = new TextEncoder().encode(bundle);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    artifactType: bundleType,
    config: emptyConfig.descriptor,
    layers: [{ mediaType: bundleType, digest: digestOf(content), size: content.byteLength }],
    subject,
    annotations: {
      [bundleAnnotations.content]: "dsse-envelope",
      [bundleAnnotations.predicateType]: statement.predicateType,
      [bundleAnnotations.inToto]: statement.predicateType,
    },
  };
  const raw = makeRawManifest(manifest);
  await Promise.all([registry.putBlob(name, emptyConfig.bytes), registry.putNewBlob(name, content)]);
  await registry.putManifest(name, raw.digest, raw);
  return raw.digest;
}

/** A bundle that is attached to a manifest. Nothing of it is verified. */
export interface AttachedBundle {
  /** Of the manifest that holds it. */
  readonly digest: Digest;
  readonly bundle: Uint8Array;
}

/** Bundles that are attached to a manifest, and why others were passed over. */
export interface AttachedBundles {
  readonly bundles: readonly AttachedBundle[];
  readonly passedOver: readonly string[];
}

/** Reads the bundles that are attached to a manifest under one image name, in the order of their digests. */
export async function readAttachedBundles(
  registry: Registry,
  name: ImageName,
  digest: Digest,
  signal?: AbortSignal,
): Promise<AttachedBundles> {
  const listed = await registry.listReferrers(name, digest, bundleType, signal);
  const chosen = listed.toSorted((left, right) => (left.digest < right.digest ? -1 : 1)).slice(0, mostBundles);
  const read = await Promise.all(chosen.map((each) => readBundle(registry, name, each.digest, signal)));
  const tooMany =
    listed.length > mostBundles
      ? [`${listed.length - mostBundles} more are attached than the ${mostBundles} that are read`]
      : [];
  return {
    bundles: read.flatMap((each) => (typeof each === "string" ? [] : [each])),
    passedOver: [...read.filter((each) => typeof each === "string"), ...tooMany],
  };
}

async function readBundle(
  registry: Registry,
  name: ImageName,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<AttachedBundle | string> {
  const raw = await registry.getManifest(name, digest, signal);
  const layer =
    raw === undefined ? undefined : parseManifest(raw.bytes)?.layers.find((each) => each.mediaType === bundleType);
  if (layer === undefined) return `${name}@${digest} is listed as a bundle, and holds none`;
  if (layer.size > mostBundleBytes)
    return `the bundle of ${name}@${digest} has ${layer.size} bytes, too many to be read`;
  return { digest, bundle: await registry.getBlob(name, layer, signal) };
}
