import { SlipwayError } from "../errors.ts";
import type { Digest } from "../model/digest.ts";
import type { RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import type { ReleasedService } from "../model/release.ts";
import { readContent } from "../registry/content.ts";
import type { Registry } from "../registry/registry.ts";
import { unreadable } from "../registry/unreadable.ts";

/**
 * Completes a service's image under each of its names: puts the index if the first name lacks it, checks every manifest that the index
 * lists unless the image was `seen` just now, and copies all to the further names. Throws `refused` when a manifest is missing.
 */
export async function ensureWhole(
  registry: Registry,
  service: ReleasedService,
  index: RawManifest | undefined,
  {
    seen = false,
    isSigned = false,
  }: { readonly seen?: boolean | undefined; readonly isSigned?: boolean | undefined } = {},
): Promise<RawManifest> {
  const [name, ...others] = service.images;
  const raw = index ?? (await registry.getManifest(name, service.digest));
  if (raw === undefined) throw notWhole(service.service, name, service.digest);
  const children = seen ? [] : childrenOf(raw, name);
  const [isIndexThere, missing] = await Promise.all([
    index === undefined || isThere(registry, name, raw.digest),
    findMissing(registry, name, children),
  ]);
  if (missing !== undefined) throw notWhole(service.service, name, missing);
  if (!isIndexThere) await registry.putManifest(name, raw.digest, raw);
  await Promise.all(others.map((other) => ensureCopied(registry, raw, { from: name, to: other, isSigned })));
  return raw;
}

/** Finds the first manifest of a service's image that its first name lacks: the index, or one that it lists; undefined when it is whole. */
export async function missingManifest(
  registry: Registry,
  { images: [name], digest }: Pick<ReleasedService, "images" | "digest">,
): Promise<Digest | undefined> {
  const raw = await registry.getManifest(name, digest);
  if (raw === undefined) return digest;
  return findMissing(registry, name, childrenOf(raw, name));
}

/**
 * Copies an image with all manifests that it lists to another name, unless that name already has all of them. A copy carries what refers to the
 * image, such as its signatures. `isSigned`: also looks for that where the image is there already.
 */
export async function ensureCopied(
  registry: Registry,
  raw: RawManifest,
  { from, to, isSigned = false }: { readonly from: ImageName; readonly to: ImageName; readonly isSigned?: boolean },
): Promise<void> {
  if (from === to) return;
  const digests = [raw.digest, ...childrenOf(raw, from)];
  const missing = await findMissing(registry, to, digests);
  if (missing !== undefined) await registry.copyManifestTree(from, raw.digest, to);
  if (missing === undefined && !isSigned) return;
  await Promise.all(digests.map((digest) => copyReferrers(registry, from, digest, to)));
}

/** Copies what refers to a manifest to another name of that manifest, beside what is attached there. */
async function copyReferrers(registry: Registry, from: ImageName, digest: Digest, to: ImageName): Promise<void> {
  const listed = await registry.listReferrers(from, digest);
  if (listed.length === 0) return;
  const there = new Set((await registry.listReferrers(to, digest)).map((each) => each.digest));
  // One after another: where the registry keeps no list, each copy writes the same index.
  for (const each of listed) if (!there.has(each.digest)) await registry.copyManifestTree(from, each.digest, to);
}

/** Digests that an index lists; none for an image manifest. Throws `unavailable` for any other content. */
function childrenOf(raw: RawManifest, name: ImageName): readonly Digest[] {
  const content = readContent(raw.bytes);
  if (content === undefined) throw unreadable(`reading ${name}@${raw.digest}`, "image manifest or index", raw.bytes);
  return content.manifests.map(({ digest }) => digest);
}

/** The first of these manifests that a name lacks. */
async function findMissing(
  registry: Registry,
  name: ImageName,
  digests: readonly Digest[],
): Promise<Digest | undefined> {
  const areThere = await Promise.all(digests.map((digest) => isThere(registry, name, digest)));
  return digests.find((_, at) => areThere[at] === false);
}

async function isThere(registry: Registry, name: ImageName, digest: Digest): Promise<boolean> {
  return (await registry.headManifest(name, digest)) !== undefined;
}

function notWhole(service: string, name: ImageName, digest: Digest): SlipwayError {
  return new SlipwayError("image-gone", `${service} is not whole: ${name}@${digest} is not there`, {
    hint: `something removed it from the registry; build it again with \`slipway build --force ${service}\`, and look at the registry's clean-up rules`,
  });
}
