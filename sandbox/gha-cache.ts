import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { answerBlob } from "./gha-blobs.ts";
import {
  count,
  keyOf,
  makeStore,
  nameOf,
  restore,
  send,
  statsOf,
  wholeEntries,
  type GhaCacheSnapshot,
  type GhaCacheStats,
  type Store,
} from "./gha-store.ts";

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

function sendJson(store: Store, response: ServerResponse, status: number, value: object): void {
  send(store, response, status, { "content-type": "application/json" }, JSON.stringify(value));
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
