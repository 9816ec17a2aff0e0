import type { BlobStore } from "./blobs.ts";
import type { CacheScope } from "./token.ts";

/** GitHub's limits; https://docs.github.com/actions/reference/workflows-and-actions/dependency-caching */
export interface CacheLimits {
  readonly uploadsPerMinute: number;
  readonly bytes: number;
  readonly unusedDays: number;
}

export const githubCacheLimits: CacheLimits = { uploadsPerMinute: 200, bytes: 10 * 1024 ** 3, unusedDays: 7 };

/** One entry. Times are in milliseconds. */
export interface CacheEntry {
  readonly id: number;
  readonly ref: string;
  readonly key: string;
  readonly version: string;
  readonly blobId: string;
  /** Undefined while it is being uploaded. */
  readonly bytes: number | undefined;
  readonly createdAt: number;
  readonly lastAccessedAt: number;
}

/** Entries with their bytes, to be put back before another measurement. */
export type CacheSnapshot = readonly (Pick<CacheEntry, "ref" | "key" | "version"> & { readonly content: Uint8Array })[];

export type Reservation =
  | { readonly kind: "reserved"; readonly blobId: string }
  | { readonly kind: "exists" }
  | { readonly kind: "too-many"; readonly retryAfterSeconds: number };

/** The Actions caches of one repository. */
export interface CacheStore {
  /** Entries that are whole, oldest first. */
  list(): readonly CacheEntry[];
  reserve(ref: string, key: string, version: string): Reservation;
  /** Undefined: nothing was uploaded. The least recently used go when the repository has too much. */
  finish(ref: string, key: string, version: string): CacheEntry | undefined;
  /** In each scope in turn: the key, then the newest that begins with it, then with each restore key. */
  find(refs: readonly string[], version: string, keys: readonly string[]): CacheEntry | undefined;
  remove(entries: readonly CacheEntry[]): void;
  snapshot(): CacheSnapshot;
  restore(snapshot: CacheSnapshot): void;
}

export function makeCacheStore(blobs: BlobStore, limits: CacheLimits, now: () => number): CacheStore {
  const entries = new Map<number, CacheEntry>();
  let uploads: number[] = [];
  let lastId = 0;

  const remove = (gone: readonly CacheEntry[]): void => {
    for (const { id, blobId } of gone) {
      entries.delete(id);
      blobs.remove(blobId);
    }
  };
  const list = (): CacheEntry[] => {
    const oldest = now() - limits.unusedDays * 86_400_000;
    remove([...entries.values()].filter((entry) => entry.lastAccessedAt < oldest));
    return [...entries.values()].filter((entry) => entry.bytes !== undefined);
  };
  const find = (ref: string, key: string, version: string): CacheEntry | undefined =>
    [...entries.values()].find((entry) => entry.ref === ref && entry.key === key && entry.version === version);
  const put = (entry: CacheEntry): CacheEntry => {
    entries.set(entry.id, entry);
    return entry;
  };

  return {
    list,
    reserve(ref, key, version) {
      const begun = now();
      uploads = uploads.filter((at) => at > begun - 60_000);
      const first = uploads[0];
      if (first !== undefined && uploads.length >= limits.uploadsPerMinute) {
        return { kind: "too-many", retryAfterSeconds: Math.max(1, Math.ceil((first + 60_000 - begun) / 1000)) };
      }
      uploads.push(begun);
      if (find(ref, key, version) !== undefined) return { kind: "exists" };
      const blobId = blobs.make();
      put({ id: ++lastId, ref, key, version, blobId, bytes: undefined, createdAt: begun, lastAccessedAt: begun });
      return { kind: "reserved", blobId };
    },
    finish(ref, key, version) {
      const entry = find(ref, key, version);
      const content = entry && blobs.read(entry.blobId);
      if (entry === undefined || content === undefined) return undefined;
      const whole = put({ ...entry, bytes: content.length, lastAccessedAt: now() });
      remove(leastRecentlyUsed(list(), limits.bytes));
      return whole;
    },
    find(refs, version, keys) {
      const newestFirst = list()
        .filter((entry) => entry.version === version)
        .sort((a, b) => b.createdAt - a.createdAt || b.id - a.id);
      for (const ref of refs) {
        const inScope = newestFirst.filter((entry) => entry.ref === ref);
        const exact = inScope.find((entry) => entry.key === keys[0]);
        const found = exact ?? keys.map((key) => inScope.find((entry) => entry.key.startsWith(key))).find(Boolean);
        if (found) return put({ ...found, lastAccessedAt: now() });
      }
      return undefined;
    },
    remove,
    snapshot: () =>
      list().map(({ ref, key, version, blobId }) => ({
        ref,
        key,
        version,
        content: blobs.read(blobId) ?? new Uint8Array(),
      })),
    restore(snapshot) {
      remove([...entries.values()]);
      const at = now();
      for (const { content, ...named } of snapshot) {
        const times = { createdAt: at, lastAccessedAt: at };
        put({ ...named, id: ++lastId, blobId: blobs.make(content), bytes: content.length, ...times });
      }
    },
  };
}

/** Entries to evict so that the rest fits; the longest unused first. */
function leastRecentlyUsed(entries: readonly CacheEntry[], limit: number): readonly CacheEntry[] {
  let sum = entries.reduce((total, entry) => total + (entry.bytes ?? 0), 0);
  const gone: CacheEntry[] = [];
  for (const entry of [...entries].sort((a, b) => a.lastAccessedAt - b.lastAccessedAt || a.id - b.id)) {
    if (sum <= limit) break;
    sum -= entry.bytes ?? 0;
    gone.push(entry);
  }
  return gone;
}

/** Rights of a token: the scope it writes to, and those it reads, nearest first. */
export function accessOf(scopes: readonly CacheScope[]): {
  readonly writes: string | undefined;
  readonly reads: readonly string[];
} {
  return {
    writes: scopes.find(({ Permission }) => (Permission & 2) !== 0)?.Scope,
    reads: scopes.filter(({ Permission }) => (Permission & 1) !== 0).map(({ Scope }) => Scope),
  };
}
