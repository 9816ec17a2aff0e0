import { afterEach, beforeEach, expect, test } from "vitest";
import type { GitHubFault } from "./fault.ts";
import { type GitHub, startGitHub } from "./index.ts";
import { makeApi, makeCache } from "./testing.ts";

let github: GitHub;

beforeEach(async () => {
  github = await startGitHub({ repository: "acme/shop" });
});
afterEach(() => github.close());

const usage = "/actions/cache/usage";
const everything = () => makeApi(github, github.token("everything"));

test.each<[fault: GitHubFault, status: number, headers: Record<string, string>, message: RegExp]>([
  [{ kind: "rate-limit", retryAfter: "3" }, 429, { "retry-after": "3" }, /rate limit/],
  [{ kind: "secondary-rate-limit", retryAfter: "60" }, 403, { "retry-after": "60" }, /secondary rate limit/],
  [
    { kind: "primary-rate-limit", resetsInSeconds: 30 },
    403,
    { "x-ratelimit-remaining": "0" },
    /API rate limit exceeded/,
  ],
  [{ kind: "not-accessible" }, 403, {}, /^Resource not accessible by integration$/],
  [{ kind: "not-found" }, 404, {}, /^Not Found$/],
  [{ kind: "status", status: 502, body: '{"message":"Bad gateway"}' }, 502, {}, /^Bad gateway$/],
])("%o is answered with %i", async (fault, status, headers, message) => {
  github.setFaults(() => fault);
  const reply = await everything()("GET", usage);
  expect([reply.status, String(reply.body["message"])]).toEqual([status, expect.stringMatching(message)]);
  expect(Object.fromEntries(reply.headers)).toMatchObject(headers);
  github.setFaults(undefined);
  expect((await everything()("GET", usage)).status).toBe(200);
});

test("a connection is reset before the deed, or after it", async () => {
  const cache = makeCache(await github.env());
  await cache.save("one", "1");
  await cache.save("two", "2");
  for (const [when, left] of [
    ["before", 2],
    ["after", 1],
  ] as const) {
    github.setFaults(({ method }) => (method === "DELETE" ? { kind: "reset", when } : undefined));
    await expect(everything()("DELETE", "/actions/caches/1")).rejects.toThrow();
    expect(github.caches()).toHaveLength(left);
  }
});

test("an answer is held back, or never comes", async () => {
  github.setFaults(() => ({ kind: "delay", milliseconds: 40 }));
  const started = performance.now();
  expect((await everything()("GET", usage)).status).toBe(200);
  expect(performance.now() - started).toBeGreaterThan(35);
  github.setFaults(() => ({ kind: "hang" }));
  await expect(fetch(github.url, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
});

test("a rule sees what a request is, and how many like it came before", async () => {
  github.setFaults(({ kind, nth }) =>
    kind === "api" && nth < 2 ? { kind: "status", status: 500, body: "{}" } : undefined,
  );
  const statuses = [];
  for (let at = 0; at < 3; at += 1) statuses.push((await everything()("GET", usage)).status);
  expect(statuses).toEqual([500, 500, 200]);
});

test("requests are counted by what they were for, with their bytes and what became of them", async () => {
  await makeCache(await github.env()).save("layers", "12345");
  await everything()("GET", usage);
  expect([
    github.count({ kind: "cache" }),
    github.count({ operation: "CreateCacheEntry" }),
    github.count({ status: 200 }),
  ]).toEqual([2, 1, 3]);
  expect(github.log.find(({ kind }) => kind === "blob")).toMatchObject({ method: "PUT", status: 201, bytesIn: 5 });
  github.clearLog();
  expect(github.log).toEqual([]);
});
