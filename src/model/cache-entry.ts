import type { CacheTierName } from "./service.ts";

/** One `--cache-from` or `--cache-to` of BuildKit: the tier it belongs to and its attributes (`type`, `ref`, `scope`, `mode`, …). */
export interface CacheEntry {
  readonly tier: CacheTierName;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Target of the entry, for people: the scope of a gha cache, the reference of a registry cache, `inline`. */
export function cacheReference(entry: CacheEntry): string {
  const { type, ref, scope } = entry.attributes;
  return ref ?? (scope === undefined ? (type ?? entry.tier) : `gha:${scope}`);
}
