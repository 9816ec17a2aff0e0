import {
  attestationAnnotations,
  type Descriptor,
  type Index,
  type Manifest,
  mediaType,
  type RawManifest,
} from "../model/oci.ts";
import type { Digest } from "../model/digest.ts";
import { byCodeUnit } from "../model/order.ts";
import { makePlatform, type Platform, platformObject } from "../model/platform.ts";
import { parseIndex, parseManifest } from "../registry/content.ts";
import { makeRawManifest } from "./artifact.ts";

/** One platform's image and the attestations that belong to it, as an index lists them. */
export interface PlatformChildren {
  readonly platform: Platform;
  /** The image manifest first, then its attestation manifests. */
  readonly children: readonly Descriptor[];
}

/**
 * Makes the index over a service's platforms, which its tags point at. Images come first, by platform, then attestations, by digest. It
 * holds no commit and no time: equal children give equal bytes, so a release without changes gives the same digest.
 */
export function makeServiceIndex(platforms: readonly PlatformChildren[]): RawManifest {
  const sorted = platforms.toSorted((left, right) => byCodeUnit(left.platform, right.platform));
  const images = sorted.flatMap(({ platform, children }) =>
    children.filter((child) => !isAttestation(child)).map((child) => imageDescriptor(child, platform)),
  );
  const attestations = sorted.flatMap(({ children }) =>
    children
      .filter(isAttestation)
      .map(attestationDescriptor)
      .toSorted((left, right) => byCodeUnit(left.digest, right.digest)),
  );
  const index: Index = { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [...images, ...attestations] };
  return makeRawManifest(index);
}

/** An image's entry in an index. Annotations are left out: BuildKit's would carry times. */
function imageDescriptor(child: Descriptor, platform: Platform): Descriptor {
  const { digest, size } = child;
  const filled = { ...platformObject(platform), ...child.platform };
  return { mediaType: child.mediaType, digest, size, platform: filled };
}

function attestationDescriptor(child: Descriptor): Descriptor {
  const { digest, size, annotations = {} } = child;
  return {
    mediaType: child.mediaType,
    digest,
    size,
    annotations: {
      [attestationAnnotations.digest]: annotations[attestationAnnotations.digest] ?? "",
      [attestationAnnotations.type]: annotations[attestationAnnotations.type] ?? "",
    },
    platform: { architecture: "unknown", os: "unknown" },
  };
}

/** Whether an index lists this manifest as an attestation of another. */
export function isAttestation(child: Descriptor): boolean {
  return child.annotations?.[attestationAnnotations.type] !== undefined;
}

/**
 * Finds the image of one platform, with its attestations, in a pushed index or image manifest. Undefined when it has none for this
 * platform, or is neither.
 */
export function platformChildren(pushed: RawManifest, platform: Platform): PlatformChildren | undefined {
  const index = parseIndex(pushed.bytes);
  if (index === undefined) {
    if (parseManifest(pushed.bytes) === undefined) return undefined;
    const { digest, bytes } = pushed;
    return {
      platform,
      children: [{ mediaType: pushed.mediaType, digest, size: bytes.byteLength, platform: platformObject(platform) }],
    };
  }
  const image = index.manifests.find((child) => !isAttestation(child) && isFor(child, platform));
  if (image === undefined) return undefined;
  const attestations = index.manifests.filter(
    (child) => isAttestation(child) && child.annotations?.[attestationAnnotations.digest] === image.digest,
  );
  return { platform, children: [image, ...attestations] };
}

function isFor(child: Descriptor, platform: Platform): boolean {
  return child.platform !== undefined && makePlatform(child.platform) === platform;
}

/** Compressed bytes of an image: configuration and layers; a layer that is listed twice is stored once. */
export function imageSize(manifest: Manifest): number {
  const sizes = new Map<Digest, number>(
    [manifest.config, ...manifest.layers].map(({ digest, size }) => [digest, size]),
  );
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
