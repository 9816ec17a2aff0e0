import { digestOf } from "../model/digest.ts";
import { type Descriptor, emptyConfig, type Manifest, mediaType, type RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import { readContent } from "../registry/content.ts";
import type { OpenedUpload } from "../registry/opened-upload.ts";
import type { Registry } from "../registry/registry.ts";

/** A document in a registry, as an OCI artifact (image-spec, manifest.md, "Guidelines for Artifact Usage"). */
export interface Artifact {
  readonly artifactType: string;
  /** Media type of the document. */
  readonly mediaType: string;
  readonly content: Uint8Array;
  readonly annotations: Readonly<Record<string, string>>;
  /** Whether the manifest carries the document itself (`data`, image-spec, descriptor.md), so that one GET reads it. */
  readonly embed: boolean;
}

/** Makes the artifact's manifest. Equal artifacts give equal bytes. */
export function makeArtifactManifest(artifact: Artifact): RawManifest {
  const { content } = artifact;
  const layer: Descriptor = {
    mediaType: artifact.mediaType,
    digest: digestOf(content),
    size: content.byteLength,
    ...(artifact.embed ? { data: Buffer.from(content).toString("base64") } : {}),
  };
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    artifactType: artifact.artifactType,
    config: emptyConfig.descriptor,
    layers: [layer],
    annotations: artifact.annotations,
  };
  return makeRawManifest(manifest);
}

/** Encodes a manifest or index, with the digest of its bytes. */
export function makeRawManifest(content: { readonly mediaType: string }): RawManifest {
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  return { mediaType: content.mediaType, digest: digestOf(bytes), bytes };
}

/** Puts the document's blobs, then the manifest under the tag. Nothing is visible before that last request. */
export async function putArtifact(
  registry: Registry,
  name: ImageName,
  tag: string,
  artifact: Artifact,
): Promise<RawManifest> {
  const raw = await putArtifactBlobs(registry, name, artifact);
  await registry.putManifest(name, tag, raw);
  return raw;
}

/** Puts the document's blobs and returns the manifest, which the caller puts. `upload`: an upload to `name` that was started already. */
export async function putArtifactBlobs(
  registry: Registry,
  name: ImageName,
  artifact: Artifact,
  upload?: OpenedUpload,
): Promise<RawManifest> {
  const { content } = artifact;
  await Promise.all([
    registry.putBlob(name, emptyConfig.bytes),
    upload === undefined ? registry.putNewBlob(name, content) : upload.finish(content),
  ]);
  return makeArtifactManifest(artifact);
}

/** Reads the document of an artifact; undefined when the manifest is not of this type. */
export async function readArtifact(
  registry: Registry,
  name: ImageName,
  raw: RawManifest,
  artifactType: string,
): Promise<Uint8Array | undefined> {
  const manifest = readContent(raw.bytes);
  if (manifest?.artifactType !== artifactType) return undefined;
  const [layer] = manifest.layers;
  if (layer === undefined) return undefined;
  if (layer.data !== undefined) {
    const content = new Uint8Array(Buffer.from(layer.data, "base64"));
    if (digestOf(content) === layer.digest) return content;
  }
  return registry.getBlob(name, layer);
}
