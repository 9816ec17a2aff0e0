import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

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

/** A stand-in for GitHub's Actions cache service, version 2, on the loopback interface. */
export interface GhaCache {
  /** The variables a job on GitHub has: BuildKit's `type=gha` works with them unchanged. */
  readonly env: {
    readonly ACTIONS_RESULTS_URL: string;
    readonly ACTIONS_CACHE_URL: string;
    readonly ACTIONS_RUNTIME_TOKEN: string;
    readonly ACTIONS_CACHE_SERVICE_V2: string;
  };
  /** Keys of whole entries, sorted. */
  keys(): readonly string[];
  stats(): GhaCacheStats;
  resetStats(): void;
  snapshot(): GhaCacheSnapshot;
  restore(snapshot: GhaCacheSnapshot): void;
  close(): Promise<void>;
}

interface Entry {
  readonly name: string;
  readonly blobId: string;
  readonly whole: boolean;
}

/** Everything is kept in memory. Answers can be held back to stand for a network. */
export async function startGhaCache(options: { delayMilliseconds?: number } = {}): Promise<GhaCache> {
  const store = makeStore();
  const server = createServer((request, response) => {
    serve(store, request, response, options.delayMilliseconds ?? 0).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  const port = await listen(server);
  store.base = `http://127.0.0.1:${port}/`;
  return {
    env: {
      ACTIONS_RESULTS_URL: store.base,
      ACTIONS_CACHE_URL: store.base,
      ACTIONS_RUNTIME_TOKEN: makeToken(Date.now()),
      ACTIONS_CACHE_SERVICE_V2: "true",
    },
    keys: () =>
      wholeEntries(store)
        .map((entry) => keyOf(entry.name))
        .sort(),
    stats: () => statsOf(store),
    resetStats: () => {
      store.byKind.clear();
      store.bytesIn = 0;
      store.bytesOut = 0;
    },
    snapshot: () =>
      new Map(wholeEntries(store).map((entry) => [entry.name, store.blobs.get(entry.blobId) ?? new Uint8Array()])),
    restore: (snapshot) => restore(store, snapshot),
    close: () => close(server),
  };
}

interface Store {
  base: string;
  entries: Map<string, Entry>;
  blobs: Map<string, Uint8Array>;
  /** Blocks that no block list has named yet, by blob and block id. */
  blocks: Map<string, Map<string, Uint8Array>>;
  byKind: Map<string, number>;
  bytesIn: number;
  bytesOut: number;
}

function makeStore(): Store {
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

async function serve(store: Store, request: IncomingMessage, response: ServerResponse, delay: number): Promise<void> {
  const url = new URL(request.url ?? "/", store.base);
  const body = await buffer(request);
  store.bytesIn += body.length;
  if (delay > 0) {
    await new Promise((resolve) => {
      setTimeout(resolve, delay);
    });
  }
  const service = /^\/twirp\/github\.actions\.results\.api\.v1\.CacheService\/(\w+)$/.exec(url.pathname);
  if (service?.[1] !== undefined) return answerService(store, service[1], request, body, response);
  const blob = /^\/blobs\/([\w-]+)$/.exec(url.pathname);
  if (blob?.[1] !== undefined) return answerBlob(store, blob[1], url, request, body, response);
  count(store, "other");
  send(store, response, 404, {}, "");
}

/** Twirp: POST, JSON in, JSON out; https://twitchtv.github.io/twirp/docs/spec_v7.html */
function answerService(
  store: Store,
  method: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  count(store, method);
  if (!request.headers.authorization?.startsWith("Bearer ")) {
    return sendJson(store, response, 401, { code: "unauthenticated", msg: "no token" });
  }
  const message = parseMessage(body);
  if (!message) return sendJson(store, response, 400, { code: "malformed", msg: "no JSON object" });
  switch (method) {
    case "CreateCacheEntry":
      return createEntry(store, message, response);
    case "FinalizeCacheEntryUpload":
      return finalizeEntry(store, message, response);
    case "GetCacheEntryDownloadURL":
      return findEntry(store, message, response);
    default:
      return sendJson(store, response, 404, { code: "bad_route", msg: `no method ${method}` });
  }
}

interface ServiceMessage {
  readonly key: string;
  readonly version: string;
  readonly restoreKeys: readonly string[];
}

function parseMessage(body: Buffer): ServiceMessage | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const fields = parsed as Record<string, unknown>;
    const text = (value: unknown) => (typeof value === "string" ? value : "");
    const restoreKeys = fields["restore_keys"] ?? fields["restoreKeys"];
    return {
      key: text(fields["key"]),
      version: text(fields["version"]),
      restoreKeys: Array.isArray(restoreKeys) ? restoreKeys.map(text).filter((key) => key !== "") : [],
    };
  } catch {
    return undefined;
  }
}

/** Entries are immutable: a key can be written once. */
function createEntry(store: Store, { key, version }: ServiceMessage, response: ServerResponse): void {
  const name = nameOf(version, key);
  if (store.entries.has(name)) {
    return sendJson(store, response, 409, {
      code: "already_exists",
      msg: "cache entry with the same key, version, and scope already exists",
    });
  }
  const blobId = randomUUID();
  store.entries.set(name, { name, blobId, whole: false });
  sendJson(store, response, 200, {
    ok: true,
    signed_upload_url: `${store.base}blobs/${blobId}?sig=upload`,
    message: "",
  });
}

function finalizeEntry(store: Store, { key, version }: ServiceMessage, response: ServerResponse): void {
  const entry = store.entries.get(nameOf(version, key));
  if (!entry || !store.blobs.has(entry.blobId)) {
    return sendJson(store, response, 404, { code: "not_found", msg: "no such upload" });
  }
  store.entries.delete(entry.name);
  store.entries.set(entry.name, { ...entry, whole: true });
  const position = [...store.entries.keys()].indexOf(entry.name) + 1;
  sendJson(store, response, 200, { ok: true, entry_id: String(position), message: "" });
}

/** The exact key, else the newest entry that begins with a restore key, in the order they were given. */
function findEntry(store: Store, { key, version, restoreKeys }: ServiceMessage, response: ServerResponse): void {
  const newestFirst = wholeEntries(store).reverse();
  const exact = newestFirst.find((entry) => entry.name === nameOf(version, key));
  const byPrefix = [key, ...restoreKeys].map((prefix) =>
    newestFirst.find((entry) => entry.name.startsWith(nameOf(version, prefix))),
  );
  const found = exact ?? byPrefix.find((entry) => entry !== undefined);
  if (!found) return sendJson(store, response, 200, { ok: false, signed_download_url: "", matched_key: "" });
  sendJson(store, response, 200, {
    ok: true,
    signed_download_url: `${store.base}blobs/${found.blobId}?sig=download`,
    matched_key: keyOf(found.name),
  });
}

/** Azure block blobs: Put Blob, Put Block, Put Block List, Get Blob; https://learn.microsoft.com/rest/api/storageservices/ */
function answerBlob(
  store: Store,
  id: string,
  url: URL,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  const comp = url.searchParams.get("comp");
  count(store, [request.method, comp].filter(Boolean).join(" "));
  if (request.method === "GET" || request.method === "HEAD") return sendBlob(store, id, request, response);
  if (request.method !== "PUT") return send(store, response, 405, {}, "");
  if (comp === "block") {
    const blocks = store.blocks.get(id) ?? new Map<string, Uint8Array>();
    blocks.set(url.searchParams.get("blockid") ?? "", body);
    store.blocks.set(id, blocks);
  } else if (comp === "blocklist") {
    const named = [...body.toString("utf8").matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]+)</g)].map(
      (match) => match[1] ?? "",
    );
    const blocks = named.map((name) => store.blocks.get(id)?.get(name));
    if (blocks.includes(undefined)) return send(store, response, 400, { "x-ms-error-code": "InvalidBlockList" }, "");
    store.blobs.set(id, Buffer.concat(blocks.filter((block) => block !== undefined)));
    store.blocks.delete(id);
  } else {
    store.blobs.set(id, body);
  }
  send(store, response, 201, azureHeaders(), "");
}

function sendBlob(store: Store, id: string, request: IncomingMessage, response: ServerResponse): void {
  const blob = store.blobs.get(id);
  if (!blob) return send(store, response, 404, { "x-ms-error-code": "BlobNotFound" }, "");
  const header = request.headers["x-ms-range"] ?? request.headers.range ?? "";
  const range = /^bytes=(\d+)-(\d*)$/.exec(String(header));
  const first = range ? Number(range[1]) : 0;
  const last = range?.[2] ? Math.min(Number(range[2]), blob.length - 1) : blob.length - 1;
  if (range && first >= blob.length) return send(store, response, 416, { "x-ms-error-code": "InvalidRange" }, "");
  const headers = {
    ...azureHeaders(),
    "content-type": "application/octet-stream",
    "content-length": String(last - first + 1),
    "x-ms-blob-type": "BlockBlob",
    ...(range ? { "content-range": `bytes ${first}-${last}/${blob.length}` } : {}),
  };
  send(store, response, range ? 206 : 200, headers, request.method === "HEAD" ? "" : blob.subarray(first, last + 1));
}

function azureHeaders(): Record<string, string> {
  return {
    "x-ms-request-id": randomUUID(),
    "x-ms-version": "2024-11-04",
    etag: '"1"',
    "last-modified": new Date(0).toUTCString(),
  };
}

function sendJson(store: Store, response: ServerResponse, status: number, value: object): void {
  send(store, response, status, { "content-type": "application/json" }, JSON.stringify(value));
}

function send(
  store: Store,
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string | Uint8Array,
): void {
  store.bytesOut += Buffer.byteLength(body);
  response.writeHead(status, headers).end(body);
}

function restore(store: Store, snapshot: GhaCacheSnapshot): void {
  store.entries.clear();
  store.blobs.clear();
  store.blocks.clear();
  for (const [name, bytes] of snapshot) {
    const blobId = randomUUID();
    store.blobs.set(blobId, bytes);
    store.entries.set(name, { name, blobId, whole: true });
  }
}

function statsOf(store: Store): GhaCacheStats {
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

function wholeEntries(store: Store): Entry[] {
  return [...store.entries.values()].filter((entry) => entry.whole);
}

function count(store: Store, kind: string): void {
  store.byKind.set(kind, (store.byKind.get(kind) ?? 0) + 1);
}

function nameOf(version: string, key: string): string {
  return `${version}|${key}`;
}

function keyOf(name: string): string {
  return name.slice(name.indexOf("|") + 1);
}

/** BuildKit reads times and the `ac` claim (scopes; permission 3: read and write) from the token, and does not verify it. */
function makeToken(now: number): string {
  const seconds = Math.floor(now / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const access = JSON.stringify([{ Scope: "refs/heads/main", Permission: 3 }]);
  const claims = { ac: access, nbf: seconds - 300, iat: seconds - 300, exp: seconds + 86_400 };
  return [part({ alg: "HS256", typ: "JWT" }), part(claims), Buffer.from("stand-in").toString("base64url")].join(".");
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("the cache stand-in has no port"));
      else resolve(address.port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
