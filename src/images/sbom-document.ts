import { SlipwayError } from "../errors.ts";
import type { Digest } from "../model/digest.ts";
import type { Descriptor } from "../model/oci.ts";
import type { Platform } from "../model/platform.ts";
import type { ImageName } from "../model/reference.ts";
import { readContent } from "../registry/content.ts";
import type { Registry } from "../registry/registry.ts";
import { isSbomPredicate, predicateAnnotation } from "./attestation-types.ts";
import { isAttestation, platformChildren } from "./service-index.ts";

/** An SBOM that BuildKit attached to an image: an in-toto statement whose predicate is the document. */
export interface StoredSbom {
  /** Digest of the statement's bytes, by which the attestation manifest lists it. */
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly predicateType: string;
}

/** One platform's image: `digest` is that of an index that lists it with its attestations. */
export interface SbomPlace {
  readonly name: ImageName;
  readonly digest: string;
  readonly platform: Platform;
}

/** Upper limit of a statement in bytes. BuildKit 0.34 makes no attestation of more than 80 MiB. */
const mostSbomBytes = 80 * 1024 * 1024;

/**
 * Reads the SBOM statements of one platform's image; empty: it has none, or the image is not there. The first is usually that of the
 * image, the others are of build stages. Throws `content-too-large` for a statement beyond what BuildKit makes.
 */
export async function readSboms(
  registry: Pick<Registry, "getManifest" | "getBlob">,
  { name, digest, platform }: SbomPlace,
): Promise<readonly StoredSbom[]> {
  const top = await registry.getManifest(name, digest);
  const children = top === undefined ? [] : (platformChildren(top, platform)?.children ?? []);
  return readAttachedSboms(registry, name, children);
}

/** Reads the SBOM statements among the manifests that belong to one platform's image. */
async function readAttachedSboms(
  registry: Pick<Registry, "getManifest" | "getBlob">,
  name: ImageName,
  children: readonly Descriptor[],
): Promise<readonly StoredSbom[]> {
  const manifests = await Promise.all(
    children.filter(isAttestation).map((child) => registry.getManifest(name, child.digest)),
  );
  const layers = manifests.flatMap((manifest) =>
    manifest === undefined ? [] : (readContent(manifest.bytes)?.layers ?? []),
  );
  return Promise.all(layers.filter(isSbom).map((layer) => readStatement(registry, name, layer)));
}

function isSbom({ annotations = {} }: Descriptor): boolean {
  return isSbomPredicate(annotations[predicateAnnotation] ?? "");
}

async function readStatement(
  registry: Pick<Registry, "getBlob">,
  name: ImageName,
  layer: Descriptor,
): Promise<StoredSbom> {
  const { digest, size, annotations = {} } = layer;
  if (size > mostSbomBytes) {
    throw new SlipwayError(
      "content-too-large",
      `reading the SBOM ${name}@${digest}: it has ${size} bytes, and at most ${mostSbomBytes} are read`,
    );
  }
  return { digest, bytes: await registry.getBlob(name, layer), predicateType: annotations[predicateAnnotation] ?? "" };
}
