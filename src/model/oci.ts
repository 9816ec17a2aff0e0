import type { Digest } from "./digest.ts";
import type { PlatformObject } from "./platform.ts";

/** Media types of OCI image-spec 1.1 and of Docker's image manifest version 2, schema 2. */
export const mediaType = {
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociIndex: "application/vnd.oci.image.index.v1+json",
  ociConfig: "application/vnd.oci.image.config.v1+json",
  ociEmpty: "application/vnd.oci.empty.v1+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
} as const;

/** OCI image-spec, descriptor.md. `size` in bytes; `data` is the content itself, base64. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly data?: string;
  readonly platform?: PlatformObject;
}

/** OCI image-spec, manifest.md. */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** OCI image-spec, image-index.md. */
export interface Index {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The fields of OCI image-spec, config.md that Slipway reads; the others are kept unchanged. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly created?: string;
  readonly config?: {
    readonly Env?: readonly string[];
    readonly OnBuild?: readonly string[];
    readonly Labels?: Readonly<Record<string, string>>;
    readonly WorkingDir?: string;
    readonly [key: string]: unknown;
  };
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly string[] };
  readonly history?: readonly { readonly created?: string; readonly [key: string]: unknown }[];
  readonly [key: string]: unknown;
}

/** A manifest or index exactly as the registry gave it: its digest is over these bytes. */
export interface RawManifest {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** Annotations by which BuildKit marks attestation manifests in an index; the second names the image that they belong to. */
export const attestationAnnotations = {
  type: "vnd.docker.reference.type",
  digest: "vnd.docker.reference.digest",
} as const;

/** The content and descriptor of the empty JSON object that artifacts use as their config (image-spec, manifest.md). */
export const emptyConfig = {
  bytes: new TextEncoder().encode("{}"),
  descriptor: {
    mediaType: "application/vnd.oci.empty.v1+json",
    digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" as Digest,
    size: 2,
    data: "e30=",
  },
} as const;
