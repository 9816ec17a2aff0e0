import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { createHash } from "node:crypto";
import { getBytes, getText, headDigest, listTags } from "../../e2e/rig.ts";

/** What of an image is the same whoever builds it. */
export interface ImageShape {
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly platforms: readonly PlatformShape[];
  /** Predicate types, by what they are about. */
  readonly attestations: readonly string[];
}

export interface PlatformShape {
  readonly platform: string;
  readonly mediaType: string;
  readonly layerTypes: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  /** `config` of its configuration. */
  readonly config: unknown;
  /** What the image has below `/app`: modes, owners and digests of contents, by path. */
  readonly files: Readonly<Record<string, string>>;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly mediaType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

/** The tags of an image name that are no fingerprints, each with its shape. */
export async function readShapes(image: string): Promise<Record<string, ImageShape>> {
  const tags = (await listTags(image)).filter((tag) => !/^(?:fp-|cache$)/.test(tag));
  const shapes = new Map<string, Promise<ImageShape>>();
  const read = async (tag: string): Promise<ImageShape> => {
    const digest = (await headDigest(image, tag)) ?? "";
    const known = shapes.get(digest) ?? readShape(image, digest);
    shapes.set(digest, known);
    return known;
  };
  return Object.fromEntries(await Promise.all(tags.map(async (tag) => [tag, await read(tag)] as const)));
}

/** Of what is at a digest. */
async function readShape(image: string, digest: string): Promise<ImageShape> {
  const top = JSON.parse(await getText(image, `manifests/${digest}`)) as Manifest;
  const { mediaType = "", annotations = {} } = top;
  if (top.manifests === undefined) {
    return { mediaType, annotations: {}, platforms: [await readPlatform(image, top)], attestations: [] };
  }
  const children = top.manifests.filter(({ platform }) => platform?.os !== "unknown");
  const others = top.manifests.filter(({ platform }) => platform?.os === "unknown");
  const manifest = async ({ digest: of }: Descriptor): Promise<Manifest> =>
    JSON.parse(await getText(image, `manifests/${of}`)) as Manifest;
  const platforms = await Promise.all(children.map(async (child) => readPlatform(image, await manifest(child))));
  const attested = await Promise.all(others.map(manifest));
  const types = attested.flatMap(({ layers = [] }) =>
    layers.map((layer) => layer.annotations?.["in-toto.io/predicate-type"] ?? "unknown"),
  );
  return { mediaType, annotations, platforms, attestations: types.sort() };
}

async function readPlatform(image: string, manifest: Manifest): Promise<PlatformShape> {
  const config = JSON.parse(await getText(image, `blobs/${manifest.config?.digest ?? ""}`)) as {
    os: string;
    architecture: string;
    config?: unknown;
  };
  const layers = manifest.layers ?? [];
  const files: Record<string, string> = {};
  for (const layer of layers)
    Object.assign(files, readFiles(await getBytes(image, `blobs/${layer.digest}`), layer.mediaType));
  return {
    platform: `${config.os}/${config.architecture}`,
    mediaType: manifest.mediaType ?? "",
    layerTypes: layers.map(({ mediaType }) => mediaType),
    annotations: manifest.annotations ?? {},
    config: config.config,
    files: Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Files of a layer below `/app`: the bases are another's. */
function readFiles(blob: Buffer, mediaType: string): Record<string, string> {
  const tar = mediaType.includes("zstd")
    ? zstdDecompressSync(blob)
    : mediaType.includes("gzip")
      ? gunzipSync(blob)
      : blob;
  const files: Record<string, string> = {};
  for (let at = 0; at + 512 <= tar.length;) {
    const field = (from: number, length: number): string =>
      tar.toString("utf8", at + from, at + from + length).replace(/\0.*$/s, "");
    const size = Number.parseInt(field(124, 12), 8) || 0;
    const name = field(0, 100);
    if (name === "") break;
    if (name.startsWith("app/")) {
      const content = createHash("sha256")
        .update(tar.subarray(at + 512, at + 512 + size))
        .digest("hex")
        .slice(0, 12);
      files[name] = `${field(100, 8)} ${field(108, 8)}:${field(116, 8)} ${field(156, 1)} ${content}`;
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
