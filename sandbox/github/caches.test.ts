import { afterEach, expect, test } from "vitest";
import { type GitHub, type GitHubOptions, startGitHub } from "./index.ts";
import { makeApi, makeCache } from "./testing.ts";

const opened: GitHub[] = [];

afterEach(async () => {
  for (const github of opened.splice(0)) await github.close();
});

async function start(options: Partial<GitHubOptions> = {}): Promise<GitHub> {
  const github = await startGitHub({ repository: "acme/shop", ...options });
  opened.push(github);
  return github;
}

test("a branch reads its own entries first, then those of the default branch", async () => {
  const github = await start();
  const main = makeCache(await github.env());
  const topic = makeCache(await github.env({ ref: "refs/heads/topic" }));
  await main.save("layers", "of main");
  expect(await topic.load("layers")).toBe("of main");
  await topic.save("layers", "of topic");
  expect([await topic.load("layers"), await main.load("layers")]).toEqual(["of topic", "of main"]);
});

test("a pull request reads its base and the default branch, and writes where only it reads", async () => {
  const github = await start();
  await makeCache(await github.env({ ref: "refs/heads/next" })).save("next", "n");
  await makeCache(await github.env()).save("main", "m");
  const pull = await github.env({ event: "pull_request", ref: "refs/pull/5/merge", baseRef: "next" });
  expect([await makeCache(pull).load("next"), await makeCache(pull).load("main")]).toEqual(["n", "m"]);
  await makeCache(pull).save("pull", "p");
  expect(await makeCache(await github.env()).load("pull")).toBeUndefined();
});

test("a tag does not read what another tag wrote", async () => {
  const github = await start();
  await makeCache(await github.env({ ref: "refs/tags/v1" })).save("layers", "bytes");
  expect(await makeCache(await github.env({ ref: "refs/tags/v2" })).load("layers")).toBeUndefined();
});

test.each([
  { options: { cacheMode: "read" }, writes: false, reads: true },
  { options: { cacheMode: "write" }, writes: true, reads: true },
  { options: { cacheMode: "write-only" }, writes: true, reads: false },
  { options: { cacheMode: "none" }, writes: false, reads: false },
  { options: { event: "issue_comment" }, writes: false, reads: true },
] as const)("a job with $options writes: $writes, reads: $reads", async ({ options, writes, reads }) => {
  const github = await start();
  await makeCache(await github.env()).save("there", "bytes");
  const cache = makeCache(await github.env(options));
  const saved = await cache.save("layers", "bytes");
  expect(saved.body).toMatchObject(
    writes ? { ok: true } : { ok: false, message: "cache write denied: token has no writable scopes" },
  );
  const found = await cache.call("GetCacheEntryDownloadURL", { key: "there", version: "v" });
  if (reads) expect(found).toMatchObject({ status: 200, body: { ok: true } });
  else expect(found).toMatchObject({ status: 403, body: { msg: "cache read denied: token has no readable scopes" } });
});

test("more than 200 uploads a minute are refused until the minute has passed", async () => {
  let time = Date.now();
  const github = await start({ now: () => time, cacheLimits: { uploadsPerMinute: 2 } });
  const cache = makeCache(await github.env());
  await cache.save("one", "1");
  time += 10_000;
  await cache.save("two", "2");
  const third = await cache.save("three", "3");
  expect([third.status, third.headers.get("retry-after")]).toEqual([429, "50"]);
  time += 50_000;
  expect((await cache.save("three", "3")).status).toBe(200);
});

test("over the byte limit the least recently used entries go", async () => {
  let time = Date.now();
  const github = await start({ now: () => ++time, cacheLimits: { bytes: 10 } });
  const cache = makeCache(await github.env());
  await cache.save("old", "1234");
  await cache.save("older in use", "1234");
  await cache.load("old");
  await cache.save("new", "1234");
  expect(github.caches().map((entry) => entry.key)).toEqual(["old", "new"]);
});

test("an entry that nobody used for seven days is gone", async () => {
  let time = Date.now();
  const github = await start({ now: () => time });
  await makeCache(await github.env()).save("layers", "bytes");
  time += 7 * 86_400_000 + 1;
  expect(github.caches()).toEqual([]);
});

test("a key of 513 characters is refused", async () => {
  const github = await start();
  const cache = makeCache(await github.env());
  expect((await cache.save("k".repeat(513), "x")).status).toBe(400);
  expect((await cache.save("k".repeat(512), "x")).status).toBe(200);
});

test("a token that this server did not sign, or that has expired, is refused", async () => {
  let time = Date.now();
  const github = await start({ now: () => time });
  const job = await github.env();
  const altered = { ...job, ACTIONS_RUNTIME_TOKEN: `${job["ACTIONS_RUNTIME_TOKEN"]}x` };
  expect((await makeCache(altered).save("layers", "x")).status).toBe(401);
  time += 86_400_001;
  expect((await makeCache(job).save("layers", "x")).status).toBe(401);
});

test("entries are listed by key prefix and ref, sorted, in pages", async () => {
  let time = Date.now();
  const github = await start({ now: () => ++time });
  for (const ref of ["refs/heads/main", "refs/heads/topic"]) {
    const cache = makeCache(await github.env({ ref }));
    await cache.save("api-1", "12");
    await cache.save("api-2", "1");
    await cache.save("web-1", "123");
  }
  const api = makeApi(github, github.token({ actions: "read" }));
  const keys = async (query: string) => {
    const { body } = await api("GET", `/actions/caches?${query}`);
    return [body["total_count"], ...(body["actions_caches"] as { key: string }[]).map((entry) => entry.key)];
  };
  expect(await keys("key=api-&ref=refs/heads/main&sort=size_in_bytes")).toEqual([2, "api-1", "api-2"]);
  expect(await keys("ref=refs/heads/topic&sort=created_at&direction=asc")).toEqual([3, "api-1", "api-2", "web-1"]);
  const first = await api("GET", "/actions/caches?per_page=4");
  expect(first.headers.get("link")).toContain(`page=2>; rel="next"`);
  expect(await keys("per_page=4&page=2")).toHaveLength(3);
});

test("entries are deleted by key and ref or by id, and only with actions: write", async () => {
  const github = await start();
  await makeCache(await github.env()).save("layers", "bytes");
  await makeCache(await github.env({ ref: "refs/heads/topic" })).save("layers", "bytes");
  const reader = makeApi(github, github.token({ actions: "read" }));
  const writer = makeApi(github, github.token({ actions: "write" }));
  expect(await reader("DELETE", "/actions/caches?key=layers")).toMatchObject({
    status: 403,
    body: { message: "Resource not accessible by integration" },
  });
  const byKey = await writer("DELETE", "/actions/caches?key=layers&ref=refs/heads/topic");
  expect(byKey.body).toMatchObject({ total_count: 1, actions_caches: [{ ref: "refs/heads/topic" }] });
  expect((await writer("DELETE", "/actions/caches?key=layers&ref=refs/heads/topic")).status).toBe(404);
  const left = github.caches()[0]?.id;
  expect((await writer("DELETE", `/actions/caches/${left}`)).status).toBe(204);
  expect((await reader("GET", "/actions/cache/usage")).body).toMatchObject({ active_caches_count: 0 });
});
