import type { CacheEntry, CacheLimits, CacheStore } from "./cache-store.ts";
import { answer, json, notFound, pageOf, refusal } from "./message.ts";
import type { Route } from "./route.ts";

const columns = {
  created_at: (entry: CacheEntry) => entry.createdAt,
  last_accessed_at: (entry: CacheEntry) => entry.lastAccessedAt,
  size_in_bytes: (entry: CacheEntry) => entry.bytes ?? 0,
} as const;

/** https://docs.github.com/rest/actions/cache */
export function cacheRoutes(caches: CacheStore, limits: CacheLimits, repository: string): readonly Route[] {
  return [
    {
      on: "GET /repos/:owner/:repo/actions/caches",
      handle({ request }) {
        const { searchParams } = request.url;
        const sort = searchParams.get("sort") ?? "last_accessed_at";
        const column = Object.entries(columns).find(([name]) => name === sort)?.[1];
        if (column === undefined) return refusal(422, "Validation Failed");
        const way = searchParams.get("direction") === "asc" ? 1 : -1;
        const found = matching(caches, searchParams.get("key") ?? "", searchParams.get("ref"), "prefix").sort(
          (a, b) => way * (column(a) - column(b) || a.id - b.id),
        );
        const { items, headers } = pageOf(request, found);
        return json(200, { total_count: found.length, actions_caches: items.map(describe) }, headers);
      },
    },
    {
      on: "DELETE /repos/:owner/:repo/actions/caches",
      handle({ request }) {
        const key = request.url.searchParams.get("key");
        if (key === null || key === "") return refusal(422, "Validation Failed");
        const found = matching(caches, key, request.url.searchParams.get("ref"), "whole");
        if (found.length === 0) return notFound();
        caches.remove(found);
        return json(200, { total_count: found.length, actions_caches: found.map(describe) });
      },
    },
    {
      on: "DELETE /repos/:owner/:repo/actions/caches/:id",
      handle({ params }) {
        const found = caches.list().filter((entry) => String(entry.id) === params["id"]);
        if (found.length === 0) return notFound();
        caches.remove(found);
        return answer(204);
      },
    },
    {
      on: "GET /repos/:owner/:repo/actions/cache/usage",
      handle: () =>
        json(200, {
          full_name: repository,
          active_caches_size_in_bytes: caches.list().reduce((sum, entry) => sum + (entry.bytes ?? 0), 0),
          active_caches_count: caches.list().length,
        }),
    },
    {
      on: "GET /repos/:owner/:repo/actions/cache/storage-limit",
      handle: () => json(200, { max_cache_size_gb: Math.max(1, Math.round(limits.bytes / 1024 ** 3)) }),
    },
    {
      on: "GET /repos/:owner/:repo/actions/cache/retention-limit",
      handle: () => json(200, { max_cache_retention_days: limits.unusedDays }),
    },
  ];
}

/** The `key` filter of a list is a prefix; what is deleted is named whole. */
function matching(caches: CacheStore, key: string, ref: string | null, how: "prefix" | "whole"): CacheEntry[] {
  return caches
    .list()
    .filter((entry) => (how === "prefix" ? entry.key.startsWith(key) : entry.key === key))
    .filter((entry) => ref === null || ref === "" || entry.ref === ref);
}

function describe(entry: CacheEntry): object {
  return {
    id: entry.id,
    ref: entry.ref,
    key: entry.key,
    version: entry.version,
    last_accessed_at: new Date(entry.lastAccessedAt).toISOString(),
    created_at: new Date(entry.createdAt).toISOString(),
    size_in_bytes: entry.bytes ?? 0,
  };
}
