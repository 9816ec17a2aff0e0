import type { PinnedBase } from "../../inputs/request.ts";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../../errors.ts";
import { type Digest, digestHex, digestOf } from "../../model/digest.ts";
import { mediaType, type RawManifest } from "../../model/oci.ts";
import type { Platform } from "../../model/platform.ts";
import { parseImageConfig, parseManifest } from "../../registry/content.ts";
import type { ImageContent } from "../../images/same-content.ts";
import { platformChildren } from "../../images/service-index.ts";
import { baseConfig } from "./lookups.ts";

/**
 * Reads the image that a build wrote into an OCI image layout: its content, and the base that it is for services that start from it. Throws
 * if a blob is missing or altered. Source: image-spec, image-layout.md.
 */
export async function readImageLayout(
  folder: string,
  digest: Digest,
  platform: Platform,
): Promise<{ readonly base: PinnedBase; readonly content: ImageContent }> {
  const top = await readRaw(folder, digest);
  const image = platformChildren(top, platform)?.children[0];
  const raw = image === undefined ? undefined : await readRaw(folder, image.digest);
  const manifest = raw === undefined ? undefined : parseManifest(raw.bytes);
  if (raw === undefined || manifest === undefined) {
    throw new SlipwayError(
      "failed",
      `reading what was built for ${platform}: ${digest} in ${folder} holds no such image`,
    );
  }
  const config = parseImageConfig((await readRaw(folder, manifest.config.digest)).bytes);
  if (config === undefined) {
    throw new SlipwayError(
      "failed",
      `reading what was built for ${platform}: ${manifest.config.digest} in ${folder} is no image configuration`,
    );
  }
  return {
    base: { digest: raw.digest, pin: `oci-layout://${folder}@${digest}`, config: baseConfig(config) },
    content: { manifest, config },
  };
}

async function readRaw(folder: string, digest: Digest): Promise<RawManifest> {
  const bytes = new Uint8Array(await readFile(join(folder, "blobs", "sha256", digestHex(digest))));
  if (digestOf(bytes) !== digest) {
    throw new SlipwayError(
      "content-altered",
      `reading ${digest} in ${folder}: the bytes have digest ${digestOf(bytes)}`,
    );
  }
  return { mediaType: mediaTypeOf(bytes), digest, bytes };
}

/** Media type of a manifest by its own `mediaType` field. An image config has no such field; its type is not used. */
function mediaTypeOf(bytes: Uint8Array): string {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const named = typeof value === "object" && value !== null && "mediaType" in value ? value.mediaType : undefined;
  return typeof named === "string" ? named : mediaType.ociManifest;
}
