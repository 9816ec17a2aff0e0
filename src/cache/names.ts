import { type Platform, parsePlatform, platformSlug } from "../model/platform.ts";

/** What one cache is for: `service` null: what all services share. */
export interface CacheOwner {
  readonly service: string | null;
  readonly platform: Platform;
}

/** The scope of a service's cache on GitHub; of the shared one. No service's name begins with `-`. */
export function cacheScope({ service, platform }: CacheOwner): string {
  return `${scopePrefix}${service ?? sharedName}-${platformSlug(platform)}`;
}

/** The tag of a service's cache in its image's registry. Named after the service too: several may share an image name. */
export function cacheTag(service: string, platform: Platform): string {
  return `${tagPrefix}${service}-${platformSlug(platform)}`;
}

/** The tag that one run pushes a build under, until it is published under its fingerprint. */
export function buildTag(run: string, service: string, platform: Platform): string {
  return `build-${run}-${service}-${platformSlug(platform)}`;
}

/** Undefined when the scope is not one of Slipway's. */
export function parseCacheScope(scope: string): CacheOwner | undefined {
  if (!scope.startsWith(scopePrefix)) return undefined;
  const owner = parseOwner(scope.slice(scopePrefix.length));
  return owner?.service === sharedName ? { ...owner, service: null } : owner;
}

/** Undefined when the tag names no cache. */
export function parseCacheTag(tag: string): CacheOwner | undefined {
  return tag.startsWith(tagPrefix) ? parseOwner(tag.slice(tagPrefix.length)) : undefined;
}

/** Undefined when the tag is of no run's build. */
export function parseBuildTag(tag: string): CacheOwner | undefined {
  const rest = /^build-[0-9a-f]{8}-(.+)$/.exec(tag)?.[1];
  return rest === undefined ? undefined : parseOwner(rest);
}

const scopePrefix = "slipway-";
const sharedName = "-shared";
const tagPrefix = "cache-";

/** The last word that is an operating system begins the platform. */
function parseOwner(text: string): CacheOwner | undefined {
  const [, service, slug] = /^(.+)-((?:linux|windows|darwin|freebsd)-[^]+)$/.exec(text) ?? [];
  const platform = slug === undefined ? undefined : parsePlatform(slug.replaceAll("-", "/"));
  return service === undefined || platform === undefined ? undefined : { service, platform };
}

/** What a key of GitHub's cache holds, as BuildKit names them. Source: BuildKit, cache/remotecache/gha/gha.go. */
export type CacheKey =
  /** `series` without the number at the end: the newest of a series counts. */
  | { readonly kind: "index"; readonly scope: string; readonly series: string; readonly number: number }
  | { readonly kind: "layer" }
  | { readonly kind: "other" };

/** What a key is of, told by its form; `other`: none of BuildKit's. */
export function parseCacheKey(key: string): CacheKey {
  const [, series, scope, number] = /^(index-(.+)-1-[0-9a-f]{8}(?:-sig)?)#(\d+)$/.exec(key) ?? [];
  if (series !== undefined && scope !== undefined) return { kind: "index", scope, series, number: Number(number) };
  return /^buildkit-blob-1-sha256:[0-9a-f]{64}(?:-sig)?$/.test(key) ? { kind: "layer" } : { kind: "other" };
}
