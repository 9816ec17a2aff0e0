import { SlipwayError } from "../../errors.ts";
import type { PinnedBase, Lookups } from "../../inputs/request.ts";
import { type Digest, isDigest } from "../../model/digest.ts";
import {
  attestationAnnotations,
  type ImageConfig,
  type Index,
  type Manifest,
  type RawManifest,
} from "../../model/oci.ts";
import { makePlatform, type Platform } from "../../model/platform.ts";
import { type ImageName, parseReference, renderReference } from "../../model/reference.ts";
import { parseImageConfig, parseIndex, parseManifest } from "../../registry/content.ts";
import type { Registry } from "../../registry/registry.ts";
import { unreadable } from "../../registry/unreadable.ts";

/** Digests of the bases of a service with `bases: hold`, by reference. */
export type HeldBases = ReadonlyMap<string, Digest>;

/** The registry client for a look-up: `registry` for services' own images, `registry.mirrored` for third-party images. */
type ImageReader = Registry["mirrored"];

/** Makes a look-up of base images that remembers its results, so that services with the same base share one request. */
export function makeBaseLookup(
  registry: ImageReader,
  knownConfig?: KnownConfig,
): (reference: string, platform: Platform) => Promise<PinnedBase> {
  const known = new Map<string, Promise<PinnedBase>>();
  return (reference, platform) => {
    const key = `${reference}|${platform}`;
    const found = known.get(key) ?? resolveImage(registry, reference, platform, knownConfig);
    known.set(key, found);
    return found;
  };
}

/** Makes the look-ups of one service: bases (held digests first), images of finished services, git contexts. */
export function makeLookups(
  names: Pick<Lookups, "base" | "gitCommit">,
  done: (service: string, platform: Platform) => PinnedBase | undefined,
  held: HeldBases,
): Lookups {
  return {
    base: (reference, platform) => {
      // A base for another platform than the image's is recorded under a key with that platform.
      const digest = held.get(reference) ?? held.get(`${reference} (${platform})`);
      return names.base(digest === undefined ? reference : `${withoutDigest(reference)}@${digest}`, platform);
    },
    service: done,
    gitCommit: (url) => names.gitCommit(url),
  };
}

function withoutDigest(reference: string): string {
  return reference.split("@")[0] ?? reference;
}

/** Returns the configuration of an image manifest if it is known without a request. */
type KnownConfig = (digest: Digest) => Promise<PinnedBase["config"] | undefined>;

/** Finds the manifest for the platform and reads its config, unless that is known. Throws `configuration` when there is none. */
export async function resolveImage(
  registry: ImageReader,
  text: string,
  platform: Platform,
  knownConfig?: KnownConfig,
): Promise<PinnedBase> {
  const reference = parseReference(text);
  if (reference === undefined) {
    throw new SlipwayError("base-not-found", `"${text}" is no image reference`, {
      data: { base: text },
      hint: "such as node:24-slim",
    });
  }
  const { name } = reference;
  const top = await registry.getManifest(name, reference.digest ?? reference.tag ?? "latest");
  if (top === undefined) {
    throw new SlipwayError("base-not-found", `base image "${text}" is not there: ${renderReference(reference)}`, {
      data: { base: text },
      hint: "check its name and tag, or log in to its registry if it is private (docker login)",
    });
  }
  const index = parseIndex(top.bytes);
  const digest = index === undefined ? top.digest : platformDigest(index, text, platform);
  const pin = `${name}@${top.digest}`;
  const known = await knownConfig?.(digest);
  if (known !== undefined) return { digest, pin, config: known };
  const { config } = index === undefined ? readBase(top, name) : await getManifest(registry, name, digest);
  const bytes = await registry.getBlob(name, config);
  const parsed = parseImageConfig(bytes);
  if (parsed === undefined) {
    throw unreadable(`reading the base image ${name}@${digest}: ${config.digest}`, "image configuration", bytes);
  }
  return { digest, pin, config: baseConfig(parsed) };
}

function readBase(raw: RawManifest, name: ImageName): Manifest {
  const manifest = parseManifest(raw.bytes);
  if (manifest !== undefined) return manifest;
  throw unreadable(`reading the base image ${name}@${raw.digest}`, "image manifest", raw.bytes);
}

function platformDigest(index: Index, text: string, platform: Platform): Digest {
  const images = index.manifests.filter((each) => each.annotations?.[attestationAnnotations.type] === undefined);
  const match = images.find((each) => each.platform !== undefined && makePlatform(each.platform) === platform);
  if (match !== undefined) return match.digest;
  const has = images.flatMap((each) => (each.platform === undefined ? [] : [makePlatform(each.platform)]));
  throw new SlipwayError("base-platform-missing", `base image "${text}" has no ${platform}; it has ${has.join(", ")}`, {
    hint: "remove the platform from the service, or choose another base",
  });
}

async function getManifest(registry: ImageReader, name: ImageName, digest: Digest): Promise<Manifest> {
  const raw = await registry.getManifest(name, digest);
  if (raw === undefined) {
    throw new SlipwayError("registry-inconsistent", `${name}@${digest} is named by its index but is not there`, {
      hint: "the base image is not whole in its registry; use another tag or digest",
    });
  }
  return readBase(raw, name);
}

/** The parts of an image's config that a build starting from it needs. */
export function baseConfig(config: Pick<ImageConfig, "config">): PinnedBase["config"] {
  const env: Record<string, string> = {};
  for (const variable of config.config?.Env ?? []) {
    const equals = variable.indexOf("=");
    if (equals > 0) env[variable.slice(0, equals)] = variable.slice(equals + 1);
  }
  return { env, onBuild: config.config?.OnBuild ?? [] };
}

/** Held digests, by reference, from the bases that a published image was built with. */
export function heldBases(bases: readonly { reference: string; digest: string | null }[]): HeldBases {
  return new Map(
    bases.flatMap(({ reference, digest }) => (digest !== null && isDigest(digest) ? [[reference, digest]] : [])),
  );
}
