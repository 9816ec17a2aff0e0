import type { ActionsCacheEntry, StoredCache } from "../model/cache-documents.ts";
import { parseCacheKey, parseCacheScope } from "./names.ts";

/**
 * Describes an entry of GitHub's cache by its key. `other`: an index in a scope that Slipway did not name, or a key of another tool than
 * BuildKit.
 */
export function describeCacheEntry({ id, key, ref, bytes, createdAt, lastUsedAt }: ActionsCacheEntry): StoredCache {
  const read = parseCacheKey(key);
  const owner = read.kind === "index" ? parseCacheScope(read.scope) : undefined;
  const pullRequest = /^refs\/pull\/(\d+)\//.exec(ref)?.[1];
  return {
    tier: "gha",
    kind: read.kind === "index" && owner === undefined ? "other" : read.kind,
    name: key,
    id,
    digest: null,
    service: owner?.service ?? null,
    platform: owner?.platform ?? null,
    ref,
    pullRequest: pullRequest === undefined ? null : Number(pullRequest),
    bytes,
    createdAt,
    lastUsedAt,
  };
}
