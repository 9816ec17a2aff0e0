import type { Fingerprint } from "./inputs.ts";
import type { Digest } from "./digest.ts";
import type { Descriptor } from "./oci.ts";
import type { Platform } from "./platform.ts";
import type { ImageName } from "./reference.ts";

/** One platform's image as it is published under its fingerprint, with the manifests it consists of and what it took to build it. */
export interface PublishedImage {
  readonly kind: "published";
  /** The image name that it was found under. */
  readonly name: ImageName;
  readonly platform: Platform;
  readonly fingerprint: Fingerprint;
  /** Of the platform's image manifest. */
  readonly digest: Digest;
  /** When it was built, ISO 8601, and from which commit. */
  readonly builtAt: string;
  readonly commit: string;
  /** The platform's image manifest first, then its attestation manifests; for `makeServiceIndex`. */
  readonly children: readonly Descriptor[];
  readonly buildSeconds: number | null;
  /** Compressed bytes: configuration and layers. */
  readonly size: number;
}

/** Content that an image must have besides its manifests to be reused or released. */
export interface ImageDemands {
  /** An SBOM of each platform. */
  readonly sbom: boolean;
}

export const noDemands: ImageDemands = { sbom: false };

/** Content of the registry under a fingerprint. */
export type FoundImage =
  | PublishedImage
  /** `warning`: another image is under the fingerprint's tag. */
  | { readonly kind: "missing"; readonly warning?: string | undefined }
  | { readonly kind: "not-whole"; readonly missing: string };
