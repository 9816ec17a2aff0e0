import { isInterruption, SlipwayError } from "../errors.ts";
import { type Digest, digestHex } from "../model/digest.ts";
import type { Fingerprint } from "../model/inputs.ts";
import { type Index, mediaType, type RawManifest } from "../model/oci.ts";
import type { Platform } from "../model/platform.ts";
import { type FoundImage, type ImageDemands, noDemands, type PublishedImage } from "../model/published-image.ts";
import type { ImageName } from "../model/reference.ts";
import { parseIndex, parseManifest, readContent } from "../registry/content.ts";
import type { Registry } from "../registry/registry.ts";
import { unreadable } from "../registry/unreadable.ts";
import { findMissingAttestation } from "./attestation-types.ts";
import { makeRawManifest } from "./artifact.ts";
import { imageSize, isAttestation, platformChildren } from "./service-index.ts";

/** Annotations of the index under a fingerprint's tag. */
export const publishedAnnotations = {
  fingerprint: "dev.slipway.fingerprint",
  platform: "dev.slipway.platform",
  commit: "dev.slipway.commit",
  builtAt: "dev.slipway.built-at",
  buildSeconds: "dev.slipway.build-seconds",
  size: "dev.slipway.size",
} as const;

/** A store of images by their fingerprint: an image name and a tag prefix. */
export interface FingerprintStore {
  readonly name: ImageName;
  /** Prefix of every tag. It separates owners that share an image name, such as pull requests. Empty for releases. */
  readonly prefix: string;
}

/** The tag of the image with this fingerprint. */
export function fingerprintTag(fingerprint: Fingerprint, prefix = ""): string {
  return `${prefix}fp-${digestHex(fingerprint).slice(0, 32)}`;
}

/** Looks for the image with this fingerprint by one GET. Compares the whole fingerprint; does not check that the listed manifests exist. */
export async function findPublished(
  registry: Registry,
  { name, prefix }: FingerprintStore,
  platform: Platform,
  fingerprint: Fingerprint,
): Promise<FoundImage> {
  const tag = fingerprintTag(fingerprint, prefix);
  const raw = await registry.getManifest(name, tag);
  if (raw === undefined) return { kind: "missing" };
  return (
    readPublished(raw, name, platform, fingerprint) ?? {
      kind: "missing",
      warning: `${name}:${tag} does not match its tag; it will be built again`,
    }
  );
}

function readPublished(
  raw: RawManifest,
  name: ImageName,
  platform: Platform,
  fingerprint: Fingerprint,
): PublishedImage | undefined {
  const index = parseIndex(raw.bytes);
  const annotations = index?.annotations ?? {};
  const [image] = index?.manifests ?? [];
  const { [publishedAnnotations.commit]: commit, [publishedAnnotations.builtAt]: builtAt } = annotations;
  if (index === undefined || image === undefined || commit === undefined || builtAt === undefined) return undefined;
  if (Number.isNaN(Date.parse(builtAt))) return undefined;
  if (annotations[publishedAnnotations.fingerprint] !== fingerprint) return undefined;
  if (annotations[publishedAnnotations.platform] !== platform) return undefined;
  if (isAttestation(image)) return undefined;
  const seconds = Number(annotations[publishedAnnotations.buildSeconds] ?? Number.NaN);
  const size = Number(annotations[publishedAnnotations.size] ?? Number.NaN);
  return {
    kind: "published",
    name,
    platform,
    fingerprint,
    digest: image.digest,
    builtAt,
    commit,
    children: index.manifests,
    buildSeconds: Number.isFinite(seconds) ? seconds : null,
    size: Number.isFinite(size) ? size : 0,
  };
}

/** Manifests of an image that exist, of those that were looked up. Faults are left to who needs the manifest. */
export async function findManifests(
  registry: Registry,
  name: ImageName,
  digests: readonly Digest[],
): Promise<ReadonlySet<Digest>> {
  const found = await Promise.all(
    digests.map(async (digest) => {
      const head = await registry.headManifest(name, digest).catch(passOverUnlessInterrupted);
      return head === undefined ? [] : [digest];
    }),
  );
  return new Set(found.flat());
}

function passOverUnlessInterrupted(error: unknown): undefined {
  if (isInterruption(error)) throw error;
}

/** How to check a published image. */
export interface WholenessCheck {
  /** What its attestations must be; default: nothing. */
  readonly demands?: ImageDemands | undefined;
  /** Manifests that were found just now. */
  readonly seen?: ReadonlySet<Digest>;
}

/** Checks by HEAD that every manifest of a published image exists, and by GET that its attestations are what is demanded. */
export async function checkWhole(
  registry: Registry,
  name: ImageName,
  found: FoundImage,
  { demands = noDemands, seen = new Set() }: WholenessCheck = {},
): Promise<FoundImage> {
  if (found.kind !== "published") return found;
  const { children, platform } = found;
  const unseen = children.filter(({ digest }) => !seen.has(digest));
  const [heads, lacks] = await Promise.all([
    Promise.all(unseen.map(({ digest }) => registry.headManifest(name, digest))),
    findMissingAttestation(registry, name, children, demands),
  ]);
  const missing = unseen.find((_, at) => heads[at] === undefined);
  if (missing !== undefined) {
    const what = isAttestation(missing) ? "attestation" : `image for ${platform}`;
    return { kind: "not-whole", missing: `${what} ${missing.digest}` };
  }
  return lacks === undefined ? found : { kind: "not-whole", missing: `${lacks} for ${platform}` };
}

/** A pushed build that is to be published under its fingerprint. */
export interface Publication extends Pick<PublishedImage, "platform" | "fingerprint" | "commit" | "builtAt"> {
  readonly buildSeconds: number;
  /** Digest that the build pushed: an index with the image and its attestations, or the image manifest alone. */
  readonly pushed: Digest;
  /** Whether the image replaces the one published under equal inputs, for a forced or expired service. */
  readonly replaces?: boolean;
  /** Prefix of its tag; default: none. */
  readonly prefix?: string;
  /** What another run's image must have to stay in its place; default: nothing. */
  readonly demands?: ImageDemands;
}

/**
 * Publishes a built image under its fingerprint. Call it last, when the attestations are there. If another run published the fingerprint
 * first, and whole, that image is returned, unless this one replaces it.
 */
export async function publishImage(
  registry: Registry,
  name: ImageName,
  publication: Publication,
): Promise<PublishedImage> {
  const { platform, fingerprint, demands, replaces = false, prefix = "" } = publication;
  const [before, { ours, raw }] = await Promise.all([
    findPublished(registry, { name, prefix }, platform, fingerprint),
    makePublished(registry, name, publication),
  ]);
  const theirs = await checkWhole(registry, name, before, { demands });
  if (theirs.kind === "published" && !replaces) return theirs;
  await registry.putManifest(name, fingerprintTag(fingerprint, prefix), raw);
  const after = await findPublished(registry, { name, prefix }, platform, fingerprint);
  return after.kind === "published" && !replaces ? after : ours;
}

/** Reads a pushed build in the form that it would be published in, without publishing it. */
export async function readPushed(
  registry: Registry,
  name: ImageName,
  publication: Publication,
): Promise<PublishedImage> {
  return (await makePublished(registry, name, publication)).ours;
}

/** Makes the index for a fingerprint's tag: its bytes, and the published image as read back from them. */
async function makePublished(
  registry: Registry,
  name: ImageName,
  publication: Publication,
): Promise<{ readonly raw: RawManifest; readonly ours: PublishedImage }> {
  const { platform, fingerprint } = publication;
  const pushed = await registry.getManifest(name, publication.pushed);
  if (pushed === undefined) throw notThere(name, publication.pushed);
  const raw = makeRawManifest(await makePublishedIndex(registry, name, pushed, publication));
  const ours = readPublished(raw, name, platform, fingerprint);
  if (ours !== undefined) return { raw, ours };
  const tag = fingerprintTag(fingerprint);
  throw new SlipwayError("failed", `publishing ${name}:${tag}: the index that was made cannot be parsed`);
}

async function makePublishedIndex(
  registry: Registry,
  name: ImageName,
  pushed: RawManifest,
  publication: Publication,
): Promise<Index> {
  const { platform, fingerprint, commit, builtAt, buildSeconds } = publication;
  const found = platformChildren(pushed, platform);
  const image = found?.children[0];
  if (found === undefined || image === undefined) {
    if (readContent(pushed.bytes) === undefined) {
      throw unreadable(`publishing ${name}@${pushed.digest}`, "image manifest or index", pushed.bytes);
    }
    throw new SlipwayError("failed", `publishing ${name}@${pushed.digest}: it holds no image for ${platform}`);
  }
  const raw = image.digest === pushed.digest ? pushed : await registry.getManifest(name, image.digest);
  if (raw === undefined) throw notThere(name, image.digest);
  const manifest = parseManifest(raw.bytes);
  if (manifest === undefined) throw unreadable(`publishing ${name}@${image.digest}`, "image manifest", raw.bytes);
  return {
    schemaVersion: 2,
    mediaType: mediaType.ociIndex,
    manifests: found.children,
    annotations: {
      [publishedAnnotations.fingerprint]: fingerprint,
      [publishedAnnotations.platform]: platform,
      [publishedAnnotations.commit]: commit,
      [publishedAnnotations.builtAt]: builtAt,
      [publishedAnnotations.buildSeconds]: String(Math.round(buildSeconds * 10) / 10),
      [publishedAnnotations.size]: String(imageSize(manifest)),
    },
  };
}

function notThere(name: ImageName, digest: Digest): SlipwayError {
  return new SlipwayError("registry-inconsistent", `publishing ${name}@${digest}: it was pushed but is not there`, {
    hint: "run the same command again; if it happens again, look at the registry's clean-up rules",
  });
}
