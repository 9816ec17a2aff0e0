import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Event } from "../event.ts";
import type { CacheEntry } from "../model/cache-entry.ts";
import { Secret } from "../model/secret.ts";
import { makeNodeHost } from "../node-host.ts";
import type { BuildOutcome } from "./request.ts";
import { runBuild } from "./run-build.ts";
import { type DockerAnswer, type FakeDocker, inOrder, makeFakeDocker } from "../testing/docker/fake-docker.ts";
import { startDocker } from "../testing/docker/docker-program.ts";
import { replay } from "./testing/fixtures.ts";
import { makeRequest, type RequestParts } from "./testing/request.ts";

const digest = `sha256:${"d".repeat(64)}`;
const built: DockerAnswer = replay("built", 0, digest);
const registryCache: CacheEntry = {
  tier: "registry",
  attributes: { type: "registry", ref: "registry.example/shop/fx:cache-linux-amd64" },
};
const gha: CacheEntry = { tier: "gha", attributes: { type: "gha", scope: "a" } };

interface Run {
  readonly outcome: BuildOutcome;
  readonly events: readonly Event[];
  readonly docker: FakeDocker;
}

async function build(
  runs: readonly DockerAnswer[],
  request: RequestParts = {},
  env: Record<string, string> = {},
): Promise<Run> {
  const docker = makeFakeDocker({ answer: inOrder(...runs) });
  const events: Event[] = [];
  const host = makeNodeHost({ env: { PATH: startDocker(docker).folder, ...env } });
  const outcome = await runBuild(host, makeRequest(request), (event) => events.push(event));
  return { outcome, events, docker };
}

function flags(docker: FakeDocker, run: number, flag: string): string[] {
  const { args = [] } = docker.calls[run] ?? {};
  return args.flatMap((each, index) => (each === flag ? [args[index + 1] ?? ""] : []));
}

describe("a build", () => {
  test("gives the digest of what was pushed, what was cached and what ran", async () => {
    const { outcome } = await build([built], { cacheFrom: [registryCache], cacheTo: [registryCache] });
    expect(outcome).toMatchObject({ kind: "built", digest, cachedVertices: 1, ranVertices: 4 });
    expect(outcome.cacheUses.map(({ direction, state }) => `${direction} ${state}`)).toEqual([
      "import missing",
      "export used",
    ]);
  });

  test("that fails gives the instruction, its last words and its place, under the Dockerfile's name in the repository", async () => {
    const failed: DockerAnswer = replay("failed-run", 1);
    const { outcome } = await build([failed], { dockerfileName: "api/Dockerfile" });
    expect(outcome).toMatchObject({
      kind: "failed",
      because: expect.stringMatching(/^RUN echo before .*: exit code 7$/),
      log: ["before", "more", "line 1", "line 2", "line 3"],
      place: { file: "api/Dockerfile", line: 6 },
      transient: false,
    });
  });

  test("that says it is done but wrote no digest has failed", async () => {
    const { outcome } = await build([replay("built", 0)]);
    expect(outcome).toMatchObject({ kind: "failed", because: "docker buildx reported no digest for the pushed image" });
  });

  test("does not inherit what would change its result, and has the rest", async () => {
    const { docker } = await build(
      [built],
      {},
      {
        SOURCE_DATE_EPOCH: "1",
        BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
        BUILDX_GIT_LABELS: "full",
        BUILDX_BUILDER: "pool",
        DOCKER_HOST: "tcp://127.0.0.1:1",
      },
    );
    const { env = {} } = docker.calls[0] ?? {};
    expect(env).not.toHaveProperty("SOURCE_DATE_EPOCH");
    expect(env).not.toHaveProperty("BUILDX_NO_DEFAULT_ATTESTATIONS");
    expect(env).not.toHaveProperty("BUILDX_GIT_LABELS");
    expect(env).toMatchObject({ BUILDX_BUILDER: "pool", DOCKER_HOST: "tcp://127.0.0.1:1" });
  });

  test("leaves no file behind", async () => {
    const { docker } = await build([built]);
    const [metadata = ""] = flags(docker, 0, "--metadata-file");
    expect(metadata).toContain("slipway-build-");
    expect(() => readdirSync(join(metadata, ".."))).toThrow("ENOENT");
  });

  test("without docker throws unavailable", async () => {
    const host = makeNodeHost({ env: { PATH: "/nowhere" } });
    await expect(runBuild(host, makeRequest(), () => undefined)).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("secrets", () => {
  test("are in no event, no outcome and no argument, wherever the program prints them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-secret-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "key");
    writeFileSync(file, "filesecret\nsecondline\n");
    const request: RequestParts = {
      secrets: [
        { id: "tok", from: { kind: "env", name: "TOKEN" } },
        { id: "key", from: { kind: "file", path: file } },
      ],
    };
    const { outcome, events, docker } = await build([replay("secret", 1)], request, {
      TOKEN: "s3cr3tvalue",
    });
    expect(outcome).toMatchObject({ log: ["got ***", "***", "***"] });
    const args = docker.calls.map((each) => each.args);
    expect(JSON.stringify([outcome, events, args])).not.toMatch(/s3cr3tvalue|filesecret|secondline/);
    expect(docker.calls[0]?.env["TOKEN"]).toBe("s3cr3tvalue");
  });

  test("that are not there are warned of", async () => {
    const { events } = await build([built], {
      secrets: [
        { id: "tok", from: { kind: "env", name: "TOKEN" } },
        { id: "key", from: { kind: "file", path: "/nowhere/key" } },
      ],
    });
    const warnings = events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
    expect(warnings).toEqual([
      'secret "tok" is empty: the variable TOKEN is not set',
      'secret "key" is empty: there is no file "/nowhere/key"',
    ]);
  });

  test("the token that lists a repository's caches is an argument of docker, and in no event", async () => {
    const cacheTo = [{ tier: "gha", attributes: { ...gha.attributes, repository: "acme/shop" } } as const];
    const job = new Secret("ghs_0123456789");
    const tokens = { ...makeRequest().tokens, job, all: [job] };
    const { docker, events } = await build([built], { cacheTo, tokens });
    expect(flags(docker, 0, "--cache-to")).toEqual(["type=gha,scope=a,repository=acme/shop,ghtoken=ghs_0123456789"]);
    expect(JSON.stringify(events)).not.toContain("ghs_0123456789");
  });

  test("without that token the repository is not named", async () => {
    const cacheTo = [{ tier: "gha", attributes: { ...gha.attributes, repository: "acme/shop" } } as const];
    expect(flags((await build([built], { cacheTo })).docker, 0, "--cache-to")).toEqual(["type=gha,scope=a"]);
  });
});

describe("a cache that fails the build", () => {
  test("at its set-up is left out, told of, and the build goes on without it", async () => {
    const refused: DockerAnswer = replay("gha-refused", 1);
    const { outcome, docker, events } = await build([refused, built], {
      cacheFrom: [gha, registryCache],
      cacheTo: [gha, registryCache],
    });
    expect(flags(docker, 1, "--cache-to")).toEqual(["type=registry,ref=registry.example/shop/fx:cache-linux-amd64"]);
    // Reading had no part in it.
    expect(flags(docker, 1, "--cache-from")).toHaveLength(2);
    expect(outcome).toMatchObject({ kind: "built" });
    expect(outcome.cacheUses[0]).toMatchObject({
      tier: "gha",
      direction: "export",
      state: "failed",
      reference: "gha:a",
    });
    expect(events).toContainEqual(expect.objectContaining({ kind: "cache", use: outcome.cacheUses[0] }));
  });

  test("because a layer is gone from it is left out, and written anew", async () => {
    const gone: DockerAnswer = replay("cache-layer-gone", 1);
    const { outcome, docker } = await build([gone, built], { cacheFrom: [registryCache], cacheTo: [registryCache] });
    expect(outcome).toMatchObject({ kind: "built" });
    expect(flags(docker, 1, "--cache-from")).toEqual([]);
    expect(flags(docker, 1, "--cache-to")).toHaveLength(1);
  });

  test("because GitHub refuses a layer is left out", async () => {
    const refused: DockerAnswer = replay("gha-layer-refused", 1);
    const { docker } = await build([refused, built], { cacheFrom: [gha, registryCache] });
    expect(flags(docker, 1, "--cache-from")).toEqual(["type=registry,ref=registry.example/shop/fx:cache-linux-amd64"]);
  });

  test("does not keep a build going for ever", async () => {
    const gone: DockerAnswer = replay("cache-layer-gone", 1);
    const { outcome, docker } = await build([gone, gone], { cacheFrom: [registryCache] });
    expect(docker.calls).toHaveLength(2);
    expect(outcome).toMatchObject({ kind: "failed", because: expect.stringContaining("not found") });
  });

  test("of the engine, which lost a snapshot that it builds on, is ignored once, and told of", async () => {
    const said =
      "ERROR: failed to solve: failed to commit okw to nhv during finalize: failed to stat active key during commit: snapshot okw does not exist: not found\n";
    const lost: DockerAnswer = { stderr: said, exitCode: 1 };
    const { outcome, docker, events } = await build([lost, built], { cacheTo: [gha] });
    expect(outcome).toMatchObject({ kind: "built" });
    expect(docker.calls.map(({ args }) => args.includes("--no-cache"))).toEqual([false, true]);
    expect(flags(docker, 1, "--cache-to")).toHaveLength(1);
    const message = expect.stringMatching(
      /^the engine's build cache is damaged: building without it; `docker buildx prune` repairs it \(.*snapshot okw/,
    );
    expect(events).toContainEqual({ kind: "warning", message, service: "api" });
    const twice = await build([lost, lost]);
    expect(twice.docker.calls).toHaveLength(2);
    expect(twice.outcome).toMatchObject({ kind: "failed", because: expect.stringContaining("snapshot okw") });
  });

  test("is not blamed for an instruction that failed", async () => {
    const failed: DockerAnswer = replay("failed-run", 1);
    const { docker } = await build([failed], { cacheFrom: [gha, registryCache], cacheTo: [gha] });
    expect(docker.calls).toHaveLength(1);
  });
});

test("an interrupted build sends SIGINT to buildx, waits for it, and throws interrupted", async () => {
  const docker = makeFakeDocker();
  const started = new Promise<void>((resolve) => {
    docker.answer = () => {
      resolve();
      return { waits: true };
    };
  });
  const controller = new AbortController();
  const host = makeNodeHost({ env: { PATH: startDocker(docker).folder }, signal: controller.signal });
  const running = runBuild(host, makeRequest(), () => undefined);
  const ended = expect(running).rejects.toMatchObject({ code: "interrupted" });
  await started;
  controller.abort();
  await ended;
  expect(docker.calls[0]?.signal.aborted).toBe(true);
});
