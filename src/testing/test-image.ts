import { makeRawManifest } from "../images/artifact.ts";
import { type Digest, digestHex, digestOf } from "../model/digest.ts";
import { type Descriptor, mediaType, type RawManifest } from "../model/oci.ts";
import { type Platform, parsePlatform, platformObject } from "../model/platform.ts";
import type { ImageName } from "../model/reference.ts";
import type { Registry } from "../registry/registry.ts";
import { imageName } from "./image-name.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A layer, and `created_by` of the image's history for it. */
export interface TestLayer {
  readonly content: string | Uint8Array;
  readonly createdBy: string;
  /** Default: gzip's, whatever the content is. */
  readonly mediaType?: string;
}

/** An image of one layer, or of these. */
export interface TestImage {
  /** The bytes of the only layer, as text. */
  readonly content: string;
  readonly layers?: readonly TestLayer[] | undefined;
  readonly platform: Platform;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Pushes an image by digest. */
export function putImage(registry: Registry, name: ImageName, image: TestImage): Promise<Descriptor> {
  return storeImage(
    image,
    (bytes) => registry.putBlob(name, bytes),
    async (raw) => void (await registry.putManifest(name, raw.digest, raw)),
  );
}

/** Writes an image into a folder as an OCI layout. Source: image-spec, image-layout.md. */
export async function writeImageLayout(folder: string, image: TestImage): Promise<Descriptor> {
  const blobs = join(folder, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const keep = async (bytes: Uint8Array): Promise<{ digest: Digest; size: number }> => {
    const digest = digestOf(bytes);
    writeFileSync(join(blobs, digestHex(digest)), bytes);
    return { digest, size: bytes.length };
  };
  return storeImage(image, keep, async (raw) => void (await keep(raw.bytes)));
}

/** Pushes an image of amd64 and arm64 under `reg.test/os:1`, from which services of tests start. */
export async function pushBase(registry: Registry, content: string): Promise<void> {
  const name = imageName("reg.test/os");
  const manifests = await Promise.all(
    ["linux/amd64", "linux/arm64"].map(async (text) => {
      const platform = testPlatform(text);
      const image = { content: `${content} ${digestOf(text)}`, platform };
      return { ...(await putImage(registry, name, image)), platform: platformObject(platform) };
    }),
  );
  await registry.putManifest(name, "1", makeIndex(manifests));
}

/** An image index over these manifests. */
export function makeIndex(manifests: readonly Descriptor[]): RawManifest {
  return makeRawManifest({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests } as { mediaType: string });
}

/** Parses a platform that must be valid. */
export function testPlatform(text: string): Platform {
  const platform = parsePlatform(text);
  if (platform === undefined) throw new RangeError(`"${text}" is no platform`);
  return platform;
}

const gzipLayer = "application/vnd.oci.image.layer.v1.tar+gzip";

async function storeImage(
  { content: text, layers: given, platform, labels = {}, annotations = {} }: TestImage,
  putBlob: (bytes: Uint8Array) => Promise<{ readonly digest: Digest; readonly size: number }>,
  putManifest: (raw: RawManifest) => Promise<void>,
): Promise<Descriptor> {
  const written = given ?? [{ content: text, createdBy: "" }];
  const layers = await Promise.all(
    written.map(async ({ content, mediaType: type = gzipLayer }: TestLayer) => ({
      mediaType: type,
      ...(await putBlob(typeof content === "string" ? new TextEncoder().encode(content) : content)),
    })),
  );
  const config = {
    ...platformObject(platform),
    created: labels["org.opencontainers.image.created"],
    config: { Labels: labels, Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    ...(given === undefined ? {} : { history: given.map(({ createdBy }) => ({ created_by: createdBy })) }),
  };
  const stored = await putBlob(new TextEncoder().encode(JSON.stringify(config)));
  const raw = makeRawManifest({
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: { mediaType: mediaType.ociConfig, ...stored },
    layers,
    annotations,
  } as { mediaType: string });
  await putManifest(raw);
  return { mediaType: raw.mediaType, digest: raw.digest, size: raw.bytes.length };
}
