import { afterEach, beforeEach, expect, test } from "vitest";
import { startGhaCache, type GhaCache } from "./gha-cache.ts";

let cache: GhaCache;

beforeEach(async () => {
  cache = await startGhaCache();
});
afterEach(() => cache.close());

async function call(method: string, message: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(
    `${cache.env.ACTIONS_RESULTS_URL}twirp/github.actions.results.api.v1.CacheService/${method}`,
    {
      method: "POST",
      headers: { authorization: `Bearer ${cache.env.ACTIONS_RUNTIME_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(message),
    },
  );
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function save(key: string, content: string): Promise<void> {
  const created = await call("CreateCacheEntry", { key, version: "v" });
  await fetch(String(created.body["signed_upload_url"]), { method: "PUT", body: content });
  await call("FinalizeCacheEntryUpload", { key, version: "v", size_bytes: content.length });
}

async function load(key: string, restoreKeys: readonly string[] = []): Promise<string | undefined> {
  const found = await call("GetCacheEntryDownloadURL", { key, version: "v", restore_keys: restoreKeys });
  if (found.body["ok"] !== true) return undefined;
  return (await fetch(String(found.body["signed_download_url"]))).text();
}

test("an entry that was uploaded in one piece is found by its key", async () => {
  await save("layers", "bytes");
  expect(await load("layers")).toBe("bytes");
  expect(cache.keys()).toEqual(["layers"]);
});

test("blocks are put together in the order of the block list", async () => {
  const created = await call("CreateCacheEntry", { key: "big", version: "v" });
  const url = String(created.body["signed_upload_url"]);
  await fetch(`${url}&comp=block&blockid=Mg==`, { method: "PUT", body: "world" });
  await fetch(`${url}&comp=block&blockid=MQ==`, { method: "PUT", body: "hello " });
  const list = "<BlockList><Latest>MQ==</Latest><Latest>Mg==</Latest></BlockList>";
  expect((await fetch(`${url}&comp=blocklist`, { method: "PUT", body: list })).status).toBe(201);
  await call("FinalizeCacheEntryUpload", { key: "big", version: "v" });
  expect(await load("big")).toBe("hello world");
});

test("a block list that names a block nobody sent is refused", async () => {
  const created = await call("CreateCacheEntry", { key: "big", version: "v" });
  const list = "<BlockList><Latest>MQ==</Latest></BlockList>";
  const url = `${String(created.body["signed_upload_url"])}&comp=blocklist`;
  expect((await fetch(url, { method: "PUT", body: list })).status).toBe(400);
});

test("a part of a blob can be read", async () => {
  await save("layers", "0123456789");
  const found = await call("GetCacheEntryDownloadURL", { key: "layers", version: "v" });
  const response = await fetch(String(found.body["signed_download_url"]), { headers: { "x-ms-range": "bytes=2-4" } });
  expect([response.status, response.headers.get("content-range"), await response.text()]).toEqual([
    206,
    "bytes 2-4/10",
    "234",
  ]);
});

test("an entry that was not finished is not found", async () => {
  await call("CreateCacheEntry", { key: "half", version: "v" });
  expect(await load("half")).toBeUndefined();
});

test("an upload that never came cannot be finished", async () => {
  await call("CreateCacheEntry", { key: "half", version: "v" });
  expect((await call("FinalizeCacheEntryUpload", { key: "half", version: "v" })).status).toBe(404);
});

test("a key is written once", async () => {
  await save("layers", "first");
  expect(await call("CreateCacheEntry", { key: "layers", version: "v" })).toMatchObject({
    status: 409,
    body: { code: "already_exists" },
  });
});

test("a restore key finds the newest entry that begins with it", async () => {
  await save("index-api#1", "old");
  await save("index-api#2", "new");
  await save("index-web#9", "other");
  expect(await load("nothing", ["index-api#"])).toBe("new");
});

test("another version of the same key is another entry", async () => {
  await save("layers", "bytes");
  const found = await call("GetCacheEntryDownloadURL", { key: "layers", version: "w" });
  expect(found.body["ok"]).toBe(false);
});

test("requests without a token are refused", async () => {
  const url = `${cache.env.ACTIONS_RESULTS_URL}twirp/github.actions.results.api.v1.CacheService/CreateCacheEntry`;
  expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(401);
});

test("requests and bytes are counted until the counters are reset", async () => {
  await save("layers", "12345");
  expect(cache.stats()).toMatchObject({
    requests: 3,
    byKind: { CreateCacheEntry: 1, PUT: 1, FinalizeCacheEntryUpload: 1 },
    entries: 1,
    storedBytes: 5,
  });
  expect(cache.stats().bytesIn).toBeGreaterThan(5);
  cache.resetStats();
  expect(cache.stats()).toMatchObject({ requests: 0, bytesIn: 0, bytesOut: 0, entries: 1 });
});

test("a snapshot brings back what was there, and only that", async () => {
  await save("layers", "bytes");
  const snapshot = cache.snapshot();
  await save("more", "bytes");
  cache.restore(snapshot);
  expect(cache.keys()).toEqual(["layers"]);
  expect(await load("layers")).toBe("bytes");
  expect(await load("more")).toBeUndefined();
});
