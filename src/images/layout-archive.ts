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
  const parts = files.flatMap(([path, bytes]) => [tarHeader(path, bytes.byteLength), bytes, padding(bytes.byteLength)]);
  // Two empty blocks end an archive.
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]);
}

const blockBytes = 512;

/** POSIX.1-1988, ustar: https://www.gnu.org/software/tar/manual/html_node/Standard.html */
function tarHeader(path: string, size: number): Uint8Array {
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;
  header.write(path, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(" ".repeat(8), 148);
  header.write("0", 156);
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function padding(size: number): Uint8Array {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}
