import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { BuildOutcome, BuildRequest } from "../../src/buildkit/request.ts";
import { inspectBuilder } from "../../src/buildkit/builder.ts";
import { runBuild } from "../../src/buildkit/run-build.ts";
import { planCacheTiers } from "../../src/cache/tiers.ts";
import type { Event } from "../../src/event.ts";
import type { Host } from "../../src/host.ts";
import type { Platform } from "../../src/model/platform.ts";
import { parseImageName } from "../../src/model/reference.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { readClientProxies } from "../../src/registry/docker-config.ts";
import { headDigest } from "./rig.ts";

const sandbox = inject("sandbox");

describe.skipIf(sandbox === null)("a build on a real engine", () => {
  const base = mkdtempSync(join(tmpdir(), "slipway-build-e2e-"));
  const run = `b${process.pid}`;
  const image = `${sandbox?.registry}/${run}/api`;
  let platform: Platform;
  let host: Host;

  beforeAll(async () => {
    host = makeNodeHost({ env: { ...process.env, ...sandbox?.env } });
    const builder = await inspectBuilder(host);
    expect(builder).toMatchObject({ exportsCaches: true });
    [platform = fail("a platform")] = builder.platforms;
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  /** Builds a Dockerfile of these lines, beside a file `a.txt`. */
  async function build(
    name: string,
    lines: readonly string[],
    request: Partial<BuildRequest> = {},
    on: Host = host,
  ): Promise<{ outcome: BuildOutcome; events: Event[] }> {
    const contextFolder = join(base, name);
    mkdirSync(contextFolder, { recursive: true });
    writeFileSync(join(contextFolder, "a.txt"), "a\n");
    const dockerfile = join(contextFolder, "Dockerfile");
    writeFileSync(dockerfile, `${lines.join("\n")}\n`);
    const events: Event[] = [];
    const outcome = await runBuild(
      on,
      {
        service: "api",
        platform,
        contextFolder,
        dockerfile,
        dockerfileName: "api/Dockerfile",
        target: undefined,
        args: {},
        contexts: {},
        secrets: [],
        ssh: [],
        labels: {},
        annotations: {},
        settings: {},
        cacheFrom: [],
        cacheTo: [],
        output: { kind: "push", name: `${image}:build-${name}` },
        provenance: "min",
        sbom: false,
        builder: undefined,
        ...request,
      },
      (event) => events.push(event),
    );
    return { outcome, events };
  }

  const simple = ["FROM busybox", "COPY a.txt /", `RUN echo ${run} > /b.txt`];

  test("gives the digest that the registry has, and finds everything cached when it is run again", async () => {
    const first = await build("simple", simple, { labels: { team: "shop, the" } });
    expect(first.outcome).toMatchObject({ kind: "built", ranVertices: 2 });
    const digest = first.outcome.kind === "built" ? first.outcome.digest : undefined;
    expect(await headDigest(image, "build-simple")).toBe(digest);
    expect((await build("simple", simple)).outcome).toMatchObject({ kind: "built", cachedVertices: 2, ranVertices: 0 });
  });

  test("sees of the client's proxies what is read of them, and of the environment's variables for BuildKit nothing", async () => {
    const config = join(base, "docker");
    // The sandbox's own has buildx in it.
    cpSync(host.env["DOCKER_CONFIG"] ?? fail("a configuration"), config, { recursive: true, verbatimSymlinks: true });
    const place = join(config, "config.json");
    const before = existsSync(place) ? readFileSync(place, "utf8") : "{}";
    const { httpProxy, noProxy } = { httpProxy: "http://cfgproxy.test", noProxy: "a,b" };
    const proxies = { default: { httpProxy, noProxy, allProxy: "http://all.test" } };
    writeFileSync(place, JSON.stringify(Object.assign(JSON.parse(before), { proxies })));
    const policy = join(base, "policy.json");
    writeFileSync(policy, "no policy at all");
    const env = { ...host.env, DOCKER_CONFIG: config, EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: policy };
    const withProxies = makeNodeHost({ env });
    expect(await readClientProxies(withProxies)).toEqual({ HTTP_PROXY: httpProxy, NO_PROXY: noProxy });
    const lines = [
      "FROM busybox",
      `RUN test "$HTTP_PROXY" = ${httpProxy} && test "$no_proxy" = ${noProxy} && test -z "$ALL_PROXY$FTP_PROXY"`,
    ];
    const { outcome } = await build("proxies", lines, { output: { kind: "none" } }, withProxies);
    expect(outcome).toMatchObject({ kind: "built" });
  });

  test("that fails names the instruction, its exit code, its line and its last words", async () => {
    const { outcome } = await build("failing", ["FROM busybox", "", "RUN echo before; \\", "  echo why; exit 7"]);
    expect(outcome).toMatchObject({
      kind: "failed",
      because: expect.stringMatching(/^RUN echo before; +echo why; exit 7: exit code 7$/),
      place: { file: "api/Dockerfile", line: 3 },
      log: ["before", "why"],
      code: "failed",
      transient: false,
    });
    expect(await headDigest(image, "build-failing")).toBeUndefined();
  });

  test("keeps secrets out of events and outcome, though its program prints them", async () => {
    const file = join(base, "key");
    writeFileSync(file, "-----BEGIN-----\nf1lesecret\n-----END-----\n");
    const withSecret = makeNodeHost({ env: { ...host.env, API_TOKEN: "env-s3cret" } });
    const { outcome, events } = await build(
      "secret",
      [
        "FROM busybox",
        "RUN --mount=type=secret,id=token,env=TOKEN --mount=type=secret,id=key echo $TOKEN; cat /run/secrets/key; exit 1",
      ],
      {
        secrets: [
          { id: "token", from: { kind: "env", name: "API_TOKEN" } },
          { id: "key", from: { kind: "file", path: file } },
        ],
      },
      withSecret,
    );
    expect(outcome).toMatchObject({ kind: "failed", log: ["***", "***", "***", "***"] });
    expect(JSON.stringify([outcome, events])).not.toMatch(/env-s3cret|f1lesecret/);
  });

  test("keeps secrets and the variables they are in out of the image's configuration and full provenance", async () => {
    const withSecret = makeNodeHost({ env: { ...host.env, API_TOKEN: "env-s3cret" } });
    const lines = ["FROM busybox", 'RUN --mount=type=secret,id=token,env=TOKEN test -n "$TOKEN"'];
    const secrets = [{ id: "token", from: { kind: "env", name: "API_TOKEN" } }] as const;
    const { outcome } = await build("kept", lines, { secrets, provenance: "max" }, withSecret);
    const documents = await readImage(
      image,
      (outcome.kind === "built" ? outcome.digest : undefined) ?? fail("an image"),
    );
    expect(documents).toContain("https://slsa.dev/provenance");
    expect(documents).toContain('"secrets":[{"id":"token"');
    expect(documents).not.toMatch(/env-s3cret|API_TOKEN/);
  });

  test("takes a base by the digest it is pinned to", async () => {
    const pinned = await headDigest(`${sandbox?.mirror.replace(/^https?:\/\//, "")}/library/busybox`, "latest");
    const missing = `docker-image://docker.io/library/busybox@sha256:${"0".repeat(64)}`;
    const lines = ["FROM busybox", "COPY a.txt /pinned"];
    const good = { busybox: `docker-image://docker.io/library/busybox@${pinned}` };
    expect((await build("pinned", lines, { contexts: good })).outcome.kind).toBe("built");
    expect((await build("unpinned", lines, { contexts: { busybox: missing } })).outcome.kind).toBe("failed");
  });

  test("writes the registry tier and reads it, and says what became of each cache", async () => {
    const tiers = planCacheTiers({
      service: "api",
      platform,
      image: parseImageName(image) ?? fail("an image name"),
      event: "local",
      available: { gha: { reads: false, writes: false, because: "there is no cache service" }, registry: true },
      setting: "auto",
      publishes: true,
      builder: { exportsCaches: true },
    });
    const lines = [...simple, `RUN echo ${run}-cached`];
    const caches = { cacheFrom: tiers.from, cacheTo: tiers.to };
    const states = ({ cacheUses }: BuildOutcome): string[] =>
      cacheUses.map(({ tier, direction, state }) => `${tier} ${direction} ${state}`);
    const first = await build("cache", lines, caches);
    expect(states(first.outcome)).toEqual(["registry import missing", "registry export used"]);
    const second = await build("cache", lines, caches);
    expect(states(second.outcome)).toEqual(["registry import used", "registry export used"]);
    expect(second.outcome).toMatchObject({ kind: "built", ranVertices: 0 });
  });

  test("goes on without caches that cannot be reached or understood", async () => {
    const nobody = { type: "registry", ref: "127.0.0.1:1/nobody/home:cache" };
    const malformed = { type: "gha", scope: "x", version: "2", token: "x", url_v2: "http://127.0.0.1:1/" };
    const { outcome } = await build("cacheless", simple, {
      cacheFrom: [{ tier: "registry", attributes: nobody }],
      cacheTo: [
        { tier: "registry", attributes: { ...nobody, mode: "max", "ignore-error": "true" } },
        { tier: "gha", attributes: { ...malformed, "ignore-error": "true" } },
      ],
    });
    expect(outcome.kind).toBe("built");
    const failed = outcome.cacheUses.filter(({ state }) => state === "failed");
    expect(failed.map(({ tier, direction }) => `${tier} ${direction}`).toSorted()).toEqual([
      "gha export",
      "registry export",
      "registry import",
    ]);
  });

  test("that cannot reach the registry may be tried again", async () => {
    const { outcome } = await build("nowhere", simple, {
      output: { kind: "push", name: "127.0.0.1:1/nobody/home:build" },
    });
    expect(outcome).toMatchObject({ kind: "failed", code: "unavailable", transient: true });
  });

  test("that is interrupted ends at once, and nothing is pushed", async () => {
    const controller = new AbortController();
    const interruptible = makeNodeHost({ env: { ...host.env }, signal: controller.signal });
    const lines = ["FROM busybox", `RUN echo ${run}; sleep 120`];
    const running = build("interrupted", lines, {}, interruptible);
    const ended = expect(running).rejects.toMatchObject({ code: "interrupted" });
    setTimeout(() => controller.abort(), 2000);
    const started = performance.now();
    await ended;
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(await headDigest(image, "build-interrupted")).toBeUndefined();
  });
});

/** All JSON of an image: index, manifests, configurations and attestations. */
async function readImage(name: string, digest: string): Promise<string> {
  const slash = name.indexOf("/");
  const get = async (kind: "manifests" | "blobs", of: string): Promise<string> => {
    const url = `http://${name.slice(0, slash)}/v2/${name.slice(slash + 1)}/${kind}/${of}`;
    const types = ["index", "manifest"].map((each) => `application/vnd.oci.image.${each}.v1+json`);
    return (await fetch(url, { headers: { accept: types.join(", ") } })).text();
  };
  const index = await get("manifests", digest);
  const { manifests } = JSON.parse(index) as { manifests: { digest: string }[] };
  const texts = [index];
  for (const child of manifests) {
    const manifest = await get("manifests", child.digest);
    const { config, layers } = JSON.parse(manifest) as Record<string, { digest: string; mediaType: string }[]> & {
      config: { digest: string };
    };
    const documents = (layers ?? []).filter(({ mediaType }) => mediaType.endsWith("json"));
    texts.push(manifest, await get("blobs", config.digest));
    for (const each of documents) texts.push(await get("blobs", each.digest));
  }
  return texts.join("\n");
}

function fail(what: string): never {
  throw new Error(`the engine gave no ${what}`);
}
