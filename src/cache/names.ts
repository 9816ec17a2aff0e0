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

/** The tag of a service's cache in its image's registry. It contains the service's name, since several services may share an image name. */
export function cacheTag(service: string, platform: Platform): string {
  return `${tagPrefix}${service}-${platformSlug(platform)}`;
}

/** The tag of a build that a run pushed and has not published under its fingerprint yet. */
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

/** The platform begins at the last word that is an operating system. */
function parseOwner(text: string): CacheOwner | undefined {
  const [, service, slug] = /^(.+)-((?:linux|windows|darwin|freebsd)-[^]+)$/.exec(text) ?? [];
  const platform = slug === undefined ? undefined : parsePlatform(slug.replaceAll("-", "/"));
  return service === undefined || platform === undefined ? undefined : { service, platform };
}

/** The content behind a key of GitHub's cache, as BuildKit names keys. Source: BuildKit, cache/remotecache/gha/gha.go. */
export type CacheKey =
  /** `series`: the key without the number at its end. The highest number of a series counts. */
  | { readonly kind: "index"; readonly scope: string; readonly series: string; readonly number: number }
  | { readonly kind: "layer" }
  | { readonly kind: "other" };

/** Parses a key by its form; `other`: BuildKit did not make it. */
export function parseCacheKey(key: string): CacheKey {
  const [, series, scope, number] = /^(index-(.+)-1-[0-9a-f]{8}(?:-sig)?)#(\d+)$/.exec(key) ?? [];
  if (series !== undefined && scope !== undefined) return { kind: "index", scope, series, number: Number(number) };
  return /^buildkit-blob-1-sha256:[0-9a-f]{64}(?:-sig)?$/.test(key) ? { kind: "layer" } : { kind: "other" };
}
