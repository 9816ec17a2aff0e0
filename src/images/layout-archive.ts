import { renderTar } from "../formats/tar-archive.ts";
import { type Digest, digestOf } from "../model/digest.ts";

/** The manifest that an OCI layout is about. Source: image-spec, image-layout.md. */
export interface LayoutEntry {
  /** `docker.io/library/api:1`; the name that the engine gives it. */
  readonly name: string;
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Renders an OCI layout as the archive that `docker load` reads. `blobs`: bytes to bring along; an engine with containerd's image store takes
 * those that are not among them from its own. Source: containerd, core/images/archive/importer.go.
 */
export function renderLayoutArchive(image: LayoutEntry, blobs: readonly Uint8Array[]): Uint8Array {
  const { name, mediaType, digest, size } = image;
  const manifest = { mediaType, digest, size, annotations: { "io.containerd.image.name": name } };
  const files: readonly (readonly [path: string, bytes: Uint8Array])[] = [
    ["oci-layout", Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
    ["index.json", Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [manifest] }))],
    ...blobs.map((bytes) => [`blobs/${digestOf(bytes).replace(":", "/")}`, bytes] as const),
  ];
  return renderTar(files.map(([path, content]) => ({ path, content })));
}
