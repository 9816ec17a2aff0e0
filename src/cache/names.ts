import { type Platform, parsePlatform, platformSlug } from "../model/platform.ts";

/** The service and platform of a cache; `service` null: shared by all services. */
export interface CacheOwner {
  readonly service: string | null;
  readonly platform: Platform;
}

/** The scope of a cache on GitHub. Service names never begin with `-`, so the shared scope is distinct. */
export function cacheScope({ service, platform }: CacheOwner): string {
  return `${scopePrefix}${service ?? sharedName}-${platformSlug(platform)}`;
}

/** The tag of a service's cache under its image name. It contains the service's name, since several services may share an image name. */
export function cacheTag(service: string, platform: Platform): string {
  return `${tagPrefix}${service}-${platformSlug(platform)}`;
}

/** The temporary tag of a build that a run has pushed and not yet published under its fingerprint. */
export function buildTag(run: string, service: string, platform: Platform): string {
  return `build-${run}-${service}-${platformSlug(platform)}`;
}

/** Parses a scope; undefined when Slipway did not name it. */
export function parseCacheScope(scope: string): CacheOwner | undefined {
  if (!scope.startsWith(scopePrefix)) return undefined;
  const owner = parseOwner(scope.slice(scopePrefix.length));
  return owner?.service === sharedName ? { ...owner, service: null } : owner;
}

/** Parses the tag of a cache; undefined for other tags. */
export function parseCacheTag(tag: string): CacheOwner | undefined {
  return tag.startsWith(tagPrefix) ? parseOwner(tag.slice(tagPrefix.length)) : undefined;
}

/** Parses the tag of a run's build; undefined for other tags. */
export function parseBuildTag(tag: string): CacheOwner | undefined {
  const rest = /^build-[0-9a-f]{8}-(.+)$/.exec(tag)?.[1];
  return rest === undefined ? undefined : parseOwner(rest);
}

const scopePrefix = "slipway-";
const sharedName = "-shared";
const tagPrefix = "cache-";

/** Splits a name into service and platform; the platform starts at the last word that is an operating system. */
function parseOwner(text: string): CacheOwner | undefined {
  const [, service, slug] = /^(.+)-((?:linux|windows|darwin|freebsd)-[^]+)$/.exec(text) ?? [];
  const platform = slug === undefined ? undefined : parsePlatform(slug.replaceAll("-", "/"));
  return service === undefined || platform === undefined ? undefined : { service, platform };
}

/** Kind of content behind a key of GitHub's cache. Source: BuildKit, cache/remotecache/gha/gha.go. */
export type CacheKey =
  /** `series`: the key without its final number. The highest number of a series is the valid index. */
  | { readonly kind: "index"; readonly scope: string; readonly series: string; readonly number: number }
  | { readonly kind: "layer" }
  | { readonly kind: "other" };

/** Parses a key of GitHub's cache; `other`: the key is not BuildKit's. */
export function parseCacheKey(key: string): CacheKey {
  const [, series, scope, number] = /^(index-(.+)-1-[0-9a-f]{8}(?:-sig)?)#(\d+)$/.exec(key) ?? [];
  if (series !== undefined && scope !== undefined) return { kind: "index", scope, series, number: Number(number) };
  return /^buildkit-blob-1-sha256:[0-9a-f]{64}(?:-sig)?$/.test(key) ? { kind: "layer" } : { kind: "other" };
}
