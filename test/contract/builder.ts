import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { lookup } from "node:dns/promises";
import { afterAll, describe, expect, test } from "vitest";
import type { BuildOutcome } from "../../src/buildkit/request.ts";
import { runBuild } from "../../src/buildkit/run-build.ts";
import { makeRequest, type RequestParts } from "../../src/buildkit/testing/request.ts";
import { planCacheTiers } from "../../src/cache/tiers.ts";
import type { Event } from "../../src/event.ts";
import { makeRun } from "../../src/github/run.ts";
import type { Host } from "../../src/host.ts";
import type { CacheEntry } from "../../src/model/cache-entry.ts";
import { parsePlatform, type Platform } from "../../src/model/platform.ts";
import { parseImageName } from "../../src/model/reference.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { readClientProxies } from "../../src/registry/docker-config.ts";
import { openGate } from "../e2e/gate.ts";
import { headDigest } from "../e2e/rig.ts";

/** A builder to be held to the contract. */
export interface BuilderSubject {
  /** Its environment names the builder. */
  readonly host: Host;
  /** A platform that its machine runs. */
  readonly platform: Platform;
  /** Where images go: `127.0.0.1:PORT`. */
  readonly registry: string;
  /** Address of the mirror of docker.io: `http://127.0.0.1:PORT`. */
  readonly mirror: string;
}

/** Contract that Slipway needs of every builder, through `docker buildx`; it runs against each driver. */
export function describeBuilderContract(title: string, subject: () => BuilderSubject): void {
  describe(title, () => {
    describeBuilds(subject);
  });
}

function describeBuilds(subject: () => BuilderSubject): void {
  const base = mkdtempSync(join(tmpdir(), "slipway-builder-contract-"));
  const run = `b${process.pid}x${randomBytes(3).toString("hex")}`;
  const image = (): string => `${subject().registry}/${run}/api`;
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  /** Builds a Dockerfile of these lines, beside a file `a.txt`. */
  async function build(
    name: string,
    lines: readonly string[],
    request: RequestParts = {},
    on: Host = subject().host,
  ): Promise<{ outcome: BuildOutcome; events: Event[] }> {
    const contextFolder = join(base, name);
    mkdirSync(contextFolder, { recursive: true });
    writeFileSync(join(contextFolder, "a.txt"), "a\n");
    const dockerfile = join(contextFolder, "Dockerfile");
    writeFileSync(dockerfile, `${lines.join("\n")}\n`);
    const events: Event[] = [];
    const outcome = await runBuild(
      on,
      makeRequest({
        platform: subject().platform,
        contextFolder,
        dockerfile,
        dockerfileName: "api/Dockerfile",
        tokens: makeRun({}, undefined).tokens,
        output: { kind: "push", name: `${image()}:build-${name}` },
        provenance: "min",
        ...request,
      }),
      (event) => events.push(event),
    );
    return { outcome, events };
  }

  const simple = ["FROM busybox", "COPY a.txt /", `RUN echo ${run} > /b.txt`];

  test("gives the digest that the registry has, and finds everything cached when it is run again", async () => {
    const first = await build("simple", simple, { labels: { team: "shop, the" } });
    expect(first.outcome).toMatchObject({ kind: "built", ranVertices: 2 });
    const digest = first.outcome.kind === "built" ? first.outcome.digest : undefined;
    expect(await headDigest(image(), "build-simple")).toBe(digest);
    expect((await build("simple", simple)).outcome).toMatchObject({ kind: "built", cachedVertices: 2, ranVertices: 0 });
  });

  test("sees of the client's proxies what is read of them, and of the environment's variables for BuildKit nothing", async () => {
    const config = join(base, "docker");
    // The sandbox's own has buildx in it.
    cpSync(subject().host.env["DOCKER_CONFIG"] ?? fail("a configuration"), config, {
      recursive: true,
      verbatimSymlinks: true,
    });
    const place = join(config, "config.json");
    const before = existsSync(place) ? readFileSync(place, "utf8") : "{}";
    const { httpProxy, noProxy } = { httpProxy: "http://cfgproxy.test", noProxy: "a,b" };
    const proxies = { default: { httpProxy, noProxy, allProxy: "http://all.test" } };
    writeFileSync(place, JSON.stringify(Object.assign(JSON.parse(before), { proxies })));
    const policy = join(base, "policy.json");
    writeFileSync(policy, "no policy at all");
    const env = { ...subject().host.env, DOCKER_CONFIG: config, EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: policy };
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
      errorKind: "build-failed",
      transient: false,
    });
    expect(await headDigest(image(), "build-failing")).toBeUndefined();
  });

  test("keeps secrets out of events and outcome, though its program prints them", async () => {
    const file = join(base, "key");
    writeFileSync(file, "-----BEGIN-----\nf1lesecret\n-----END-----\n");
    const withSecret = makeNodeHost({ env: { ...subject().host.env, API_TOKEN: "env-s3cret" } });
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
    const withSecret = makeNodeHost({ env: { ...subject().host.env, API_TOKEN: "env-s3cret" } });
    const lines = ["FROM busybox", 'RUN --mount=type=secret,id=token,env=TOKEN test -n "$TOKEN"'];
    const secrets = [{ id: "token", from: { kind: "env", name: "API_TOKEN" } }] as const;
    const { outcome } = await build("kept", lines, { secrets, provenance: "max" }, withSecret);
    const documents = await readImage(
      image(),
      (outcome.kind === "built" ? outcome.digest : undefined) ?? fail("an image"),
    );
    expect(documents).toContain("https://slsa.dev/provenance");
    expect(documents).toContain('"secrets":[{"id":"token"');
    expect(documents).not.toMatch(/env-s3cret|API_TOKEN/);
  });

  test("takes a base by the digest it is pinned to", async () => {
    const pinned = await headDigest(`${new URL(subject().mirror).host}/library/busybox`, "latest");
    const missing = `docker-image://docker.io/library/busybox@sha256:${"0".repeat(64)}`;
    const lines = ["FROM busybox", "COPY a.txt /pinned"];
    const good = { busybox: `docker-image://docker.io/library/busybox@${pinned}` };
    expect((await build("pinned", lines, { contexts: good })).outcome.kind).toBe("built");
    expect((await build("unpinned", lines, { contexts: { busybox: missing } })).outcome.kind).toBe("failed");
  });

  test("writes the registry tier and reads it, and says what became of each cache", async () => {
    const tiers = planCacheTiers({
      service: "api",
      platform: subject().platform,
      image: parseImageName(image()) ?? fail("an image name"),
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
    expect(outcome).toMatchObject({ kind: "failed", errorKind: "build-unavailable", transient: true });
  });

  test("that is interrupted ends at once, and nothing is pushed", async () => {
    const controller = new AbortController();
    const interruptible = makeNodeHost({ env: { ...subject().host.env }, signal: controller.signal });
    const lines = ["FROM busybox", `RUN echo ${run}; sleep 120`];
    const running = build("interrupted", lines, {}, interruptible);
    const ended = expect(running).rejects.toMatchObject({ code: "interrupted" });
    setTimeout(() => controller.abort(), 2000);
    const started = performance.now();
    await ended;
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(await headDigest(image(), "build-interrupted")).toBeUndefined();
  });

  test("pushes a platform that it cannot run, where nothing runs on it", async () => {
    const platform = parsePlatform(subject().platform === "linux/s390x" ? "linux/amd64" : "linux/s390x") ?? fail("one");
    const { outcome } = await build("foreign", ["FROM scratch", "COPY a.txt /"], { platform });
    const digest = (outcome.kind === "built" ? outcome.digest : undefined) ?? fail("an image");
    expect(await readImage(image(), digest)).toContain(`"architecture":"${platform.split("/")[1]}"`);
  });

  test("writes an image layout, and starts another build from it", async () => {
    const folder = join(base, "layout-of-base");
    const { outcome } = await build("layout", ["FROM scratch", "COPY a.txt /from-base"], {
      output: { kind: "layout", folder },
      provenance: "none",
    });
    const digest = (outcome.kind === "built" ? outcome.digest : undefined) ?? fail("an image");
    expect(readFileSync(join(folder, "index.json"), "utf8")).toContain(digest);
    const lines = ["FROM busybox", "COPY --from=base /from-base /", "RUN test -f /from-base"];
    const contexts = { base: `oci-layout://${folder}@${digest}` };
    expect((await build("on-layout", lines, { contexts, output: { kind: "none" } })).outcome.kind).toBe("built");
  });

  test("takes files from a named context", async () => {
    const other = join(base, "other-context");
    mkdirSync(other);
    writeFileSync(join(other, "o.txt"), "o\n");
    const lines = ["FROM busybox", "COPY --from=other o.txt /", "RUN test -f /o.txt && ! test -e /a.txt"];
    expect((await build("named", lines, { contexts: { other } })).outcome.kind).toBe("built");
  });

  test("tells a refusal at its push as one, and tries a lost answer again", async () => {
    const gate = await openGate(subject().registry);
    try {
      const output = { kind: "push", name: `${gate.host}/${run}/struck:1` } as const;
      const refusing = gate.strike(1, { kind: "status", status: 403 }, /^HEAD /);
      const refused = await build("refused", ["FROM scratch", "COPY a.txt /refused"], { output });
      expect(refusing.line).toMatch(/^HEAD /);
      expect(refused.outcome).toMatchObject({
        kind: "failed",
        errorKind: "registry-denied",
        transient: false,
        hint: `run \`docker login ${gate.host}\` with an account that may write ${gate.host}/${run}/struck`,
      });
      const losing = gate.strike(1, { kind: "drop", when: "after" }, /^PUT .*\/blobs\//);
      const lost = await build("lost", ["FROM scratch", "COPY a.txt /lost"], { output });
      expect(losing.line).toMatch(/^PUT /);
      const { outcome } = lost;
      expect(outcome.kind === "built" || outcome.transient).toBe(true);
    } finally {
      await gate.close();
    }
  });

  test("pushes to a registry that speaks plain HTTP, and keeps caches there, without settings of its own", async ({
    skip,
  }) => {
    // A name of this machine that BuildKit does not take for loopback.
    const address = (await lookup(hostname()).catch(() => undefined))?.address ?? "";
    if (!address.startsWith("127.")) return skip(`${hostname()} is no address of loopback here`);
    const gate = await openGate(subject().registry, address);
    const name = `${hostname()}:${gate.host.split(":").at(-1)}/${run}/plain`;
    const cache = (attributes: Record<string, string>): CacheEntry => ({
      tier: "registry",
      attributes: { type: "registry", ref: `${name}:cache`, "registry.insecure": "true", ...attributes },
    });
    try {
      const lines = [...simple, `RUN echo ${run}-plain`];
      const request = { cacheFrom: [cache({})], cacheTo: [cache({ mode: "max" })] };
      const output = { kind: "push", name: `${name}:1`, plainHttp: true } as const;
      const { outcome } = await build("plain", lines, { ...request, output });
      expect(outcome.kind === "failed" ? outcome.because : outcome.kind).toBe("built");
      expect(outcome.cacheUses.map(({ direction, state }) => `${direction} ${state}`)).toEqual([
        "import missing",
        "export used",
      ]);
      expect(gate.seen.some((line) => line.startsWith(`PUT /v2/${run}/plain/manifests/`))).toBe(true);
    } finally {
      await gate.close();
    }
  });
}

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
