import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GitHub, type JobOptions, startGitHub } from "../../sandbox/github/index.ts";
import { type Runner, startRunner } from "../../sandbox/index.ts";
import { hasEngine, makeRepo, type Repo, sandbox } from "./rig.ts";

const hour = 3_600_000;

describe.skipIf(!hasEngine)("GitHub's cache, with its scopes and permissions", () => {
  let github: GitHub;
  let repo: Repo;
  const runners: Runner[] = [];

  beforeAll(async () => {
    // To the program, which has the real time, what is stored now was stored 20 hours ago; a job's token lives for 24.
    github = await startGitHub({ repository: "acme/shop", now: () => Date.now() - 20 * hour });
    repo = await makeRepo({
      "api/Dockerfile": "FROM busybox\nCOPY a.txt /\nRUN echo $RANDOM > /b.txt\n",
      "api/a.txt": "api 1\n",
    });
  });
  afterAll(async () => {
    for (const runner of runners) await runner.close();
    await repo.remove();
    await github.close();
  });

  /** Builds in a job, on an empty engine; gives what was told. */
  async function buildIn(job: JobOptions, name: string): Promise<readonly Record<string, unknown>[]> {
    const { registry, mirror, env } = sandbox();
    const runner = await startRunner({ registry, mirror, env: { ...env } }, `e2e-${process.pid}-${name}`);
    runners.push(runner);
    github.clearLog();
    const args = ["build", "--force", "--json", "--events", `../${name}`];
    const ran = await repo.start(args, { env: { ...runner.env, ...(await github.env(job)) } }).ended;
    expect(ran.exitCode, ran.stderr).toBe(0);
    const lines = (await readFile(join(repo.folder, "..", name), "utf8")).trim().split("\n");
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  const usesOf = (told: readonly Record<string, unknown>[]): string[] =>
    told
      .filter(({ kind }) => kind === "cache")
      .map(({ use }) => use as Record<string, string>)
      .map(({ tier, direction, state }) => `${tier} ${direction} ${state}`);
  const solved = (told: readonly Record<string, unknown>[]) => told.find(({ kind }) => kind === "solve-ended");

  test("holds what trunk built, in a scope of the service and one that is shared", async () => {
    const told = await buildIn({}, "trunk");
    expect(solved(told)).toMatchObject({ cachedVertices: 0, ranVertices: 2 });
    expect(usesOf(told)).toContain("gha export used");
    const stored = github.caches();
    expect(new Set(stored.map(({ ref }) => ref))).toEqual(new Set(["refs/heads/main"]));
    const indexes = stored
      .map(({ key }) => key.replace(/-1-[0-9a-f]{8}#\d+$/, ""))
      .filter((key) => key.startsWith("index"));
    expect(indexes.sort()).toEqual(["index-slipway--shared-linux-amd64", "index-slipway-api-linux-amd64"]);
  });

  test("is read by a tag's run, which stores nothing there", async () => {
    const before = github.caches().length;
    const told = await buildIn({ ref: "refs/tags/v1.0.0" }, "tag");
    expect(solved(told)).toMatchObject({ cachedVertices: 2, ranVertices: 0 });
    expect(github.count({ operation: "CreateCacheEntry" })).toBe(0);
    expect([usesOf(told), github.caches().length]).toEqual([
      expect.arrayContaining(["gha import used", "registry export used"]),
      before,
    ]);
  });

  test("is not asked for what the job's token may not write: the registry is written instead, and the reason told", async () => {
    await repo.commit({ "api/a.txt": "api 2\n" });
    const told = await buildIn({ cacheMode: "read" }, "read-only");
    expect(github.count({ operation: "CreateCacheEntry" })).toBe(0);
    expect(usesOf(told)).toEqual(
      expect.arrayContaining(["gha import used", "gha export left-out", "registry export used"]),
    );
    expect(told).toContainEqual(
      expect.objectContaining({ use: expect.objectContaining({ because: "the workflow says cache-mode: read" }) }),
    );
  });

  test("is pruned for real, and the next build works without what is gone", async () => {
    const job = await github.env({ permissions: { actions: "write", contents: "read" } });
    const prune = () =>
      repo.start(["cache", "prune", "--tier", "gha", "--unused", "10h", "--yes", "--json"], { env: job }).ended;
    const pruned = await prune();
    expect(pruned.exitCode, pruned.stderr).toBe(0);
    expect(pruned.json()).toMatchObject({ state: "pruned" });
    expect(github.caches().every(({ key }) => key.startsWith("index-slipway-"))).toBe(true);
    expect((await prune()).json()).toMatchObject({ state: "nothing" });
    await repo.commit({ "api/a.txt": "api 1\n" });
    const told = await buildIn({}, "after");
    expect(solved(told)).toBeDefined();
    expect(usesOf(told)).toContain("gha export used");
  });
});
