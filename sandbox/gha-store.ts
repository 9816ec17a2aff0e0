import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";

/** What was asked of the cache since it was started or {@link GhaCache.resetStats} was called. */
export interface GhaCacheStats {
  readonly requests: number;
  /** Requests by what they were: `CreateCacheEntry`, `PUT block`, `GET`, … */
  readonly byKind: Readonly<Record<string, number>>;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly entries: number;
  readonly storedBytes: number;
}

/** The stored entries, to be put back before another measurement. */
export type GhaCacheSnapshot = ReadonlyMap<string, Uint8Array>;

/** A key and version, and where its bytes are. */
export interface Entry {
  readonly name: string;
  readonly blobId: string;
  readonly whole: boolean;
}

/** What the stand-in holds, in memory. */
export interface Store {
  base: string;
  entries: Map<string, Entry>;
  blobs: Map<string, Uint8Array>;
  /** Blocks that no block list has named yet, by blob and block id. */
  blocks: Map<string, Map<string, Uint8Array>>;
  byKind: Map<string, number>;
  bytesIn: number;
  bytesOut: number;
}

/** An empty store. */
export function makeStore(): Store {
  return {
    base: "",
    entries: new Map(),
    blobs: new Map(),
    blocks: new Map(),
    byKind: new Map(),
    bytesIn: 0,
    bytesOut: 0,
  };
}

/** Replaces everything by a snapshot. */
export function restore(store: Store, snapshot: GhaCacheSnapshot): void {
  store.entries.clear();
  store.blobs.clear();
  store.blocks.clear();
  for (const [name, bytes] of snapshot) {
    const blobId = randomUUID();
    store.blobs.set(blobId, bytes);
    store.entries.set(name, { name, blobId, whole: true });
  }
}

/** The counters, and what is stored now. */
export function statsOf(store: Store): GhaCacheStats {
  const whole = wholeEntries(store);
  return {
    requests: [...store.byKind.values()].reduce((sum, each) => sum + each, 0),
    byKind: Object.fromEntries(store.byKind),
    bytesIn: store.bytesIn,
    bytesOut: store.bytesOut,
    entries: whole.length,
    storedBytes: whole.reduce((sum, entry) => sum + (store.blobs.get(entry.blobId)?.length ?? 0), 0),
  };
}

/** Entries whose upload was finished, oldest first. */
export function wholeEntries(store: Store): Entry[] {
  return [...store.entries.values()].filter((entry) => entry.whole);
}

/** Counts a request. */
export function count(store: Store, kind: string): void {
  store.byKind.set(kind, (store.byKind.get(kind) ?? 0) + 1);
}

/** An entry is known by its version and its key. */
export function nameOf(version: string, key: string): string {
  return `${version}|${key}`;
}

/** The key in an entry's name. */
export function keyOf(name: string): string {
  return name.slice(name.indexOf("|") + 1);
}

/** Answers, and counts the bytes. */
export function send(
  store: Store,
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string | Uint8Array,
): void {
  store.bytesOut += Buffer.byteLength(body);
  response.writeHead(status, headers).end(body);
}
