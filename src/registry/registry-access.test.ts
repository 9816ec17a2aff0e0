import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { SlipwayError } from "../errors.ts";
import type { Host } from "../host.ts";
import { makeFetch } from "../http/fetch.ts";
import { digestOf } from "../model/digest.ts";
import { emptyConfig, mediaType } from "../model/oci.ts";
import { type TestHost, type TestHostOptions, makeTestHost } from "../testing/test-host.ts";
import { makeRegistry } from "./registry.ts";
import {
  type MemoryAuth,
  type RegistryInMemory,
  joinFetches,
  makeRegistryInMemory,
} from "./testing/registry-in-memory.ts";
import { imageName } from "../testing/image-name.ts";
import { failureOf } from "../testing/failure-of.ts";

const users = { ada: { password: "s3cret", may: "push" }, bob: { password: "b0b", may: "pull" } } as const;
const tokens: MemoryAuth = { kind: "token", users, identityTokens: { "refresh-ada": "ada" } };
const api = imageName("registry.test/shop/api");
const manifest = {
  mediaType: mediaType.ociIndex,
  bytes: new TextEncoder().encode(`{"schemaVersion":2,"mediaType":"${mediaType.ociIndex}","manifests":[]}`),
};

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A host whose Docker configuration is this. */
function hostWith(memory: RegistryInMemory, config: unknown, options: TestHostOptions = {}): TestHost {
  const folder = mkdtempSync(join(tmpdir(), "slipway-docker-config-"));
  folders.push(folder);
  writeFileSync(join(folder, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
  return makeTestHost({ fetch: memory.fetch, ...options, env: { DOCKER_CONFIG: folder, ...options.env } });
}

function auth(user: string, password: string): { auth: string } {
  return { auth: Buffer.from(`${user}:${password}`).toString("base64") };
}

describe("bearer tokens", () => {
  test("one challenge is enough: then a token for each name is asked for beforehand, and used again", async () => {
    const memory = makeRegistryInMemory({ auth: tokens });
    const registry = makeRegistry(hostWith(memory, { auths: { "registry.test": auth("ada", "s3cret") } }));
    await registry.putManifest(api, "1", manifest);
    expect(memory.log.map((request) => `${request.method} ${request.kind} ${request.authorization}`)).toEqual([
      "PUT manifest none",
      "GET token basic",
      "PUT manifest bearer",
    ]);
    memory.clearLog();
    await registry.getManifest(api, "1");
    await registry.getManifest(imageName("registry.test/shop/web"), "1");
    expect(memory.log.map((request) => `${request.method} ${request.kind} ${request.authorization}`)).toEqual([
      "GET manifest bearer",
      "GET token basic",
      "GET manifest bearer",
    ]);
    expect(memory.log[1]?.url).toBe(
      "https://registry.test/token?service=registry.test&scope=repository%3Ashop%2Fweb%3Apull",
    );
  });

  test("many requests at once share one token", async () => {
    const memory = makeRegistryInMemory({ auth: tokens });
    const registry = makeRegistry(hostWith(memory, { auths: { "registry.test": auth("bob", "b0b") } }));
    await Promise.all(Array.from({ length: 20 }, (_, index) => registry.getManifest(api, `tag-${index}`)));
    expect(memory.count({ kind: "token" })).toBe(1);
  });

  test("a token that expired is replaced once, without anybody noticing", async () => {
    const memory = makeRegistryInMemory({ auth: tokens });
    const registry = makeRegistry(hostWith(memory, { auths: { "registry.test": auth("ada", "s3cret") } }));
    await registry.putManifest(api, "1", manifest);
    memory.expireTokens();
    memory.clearLog();
    expect((await registry.getManifest(api, "1"))?.digest).toBe(digestOf(manifest.bytes));
    expect(memory.log.map((request) => request.kind)).toEqual(["manifest", "token", "manifest"]);
  });

  test("a registry that calls every token expired is not asked for ever", async () => {
    const memory = makeRegistryInMemory({
      auth: tokens,
      faults: (request) => (request.kind === "manifest" ? { kind: "expired-token" } : undefined),
    });
    const host = hostWith(memory, { auths: { "registry.test": auth("ada", "s3cret") } });
    const error = await failureOf(makeRegistry(host).getManifest(api, "1"));
    expect(error.code).toBe("credentials");
    expect(memory.count({ kind: "manifest" })).toBe(2);
    expect(host.slept).toEqual([]);
  });

  test("a token is renewed before it runs out", async () => {
    const memory = makeRegistryInMemory({ auth: { ...tokens, expiresInSeconds: 100 } });
    const host = hostWith(memory, { auths: { "registry.test": auth("ada", "s3cret") } });
    const registry = makeRegistry(host);
    await registry.getManifest(api, "1");
    host.advance(80_000);
    await registry.getManifest(api, "1");
    expect(memory.count({ kind: "token" })).toBe(1);
    host.advance(11_000);
    await registry.getManifest(api, "1");
    expect(memory.count({ kind: "token" })).toBe(2);
  });

  test("mounting asks for the other name too", async () => {
    const memory = makeRegistryInMemory({ auth: tokens });
    const registry = makeRegistry(hostWith(memory, { auths: { "registry.test": auth("ada", "s3cret") } }));
    await registry.putBlob(api, emptyConfig.bytes);
    const web = imageName("registry.test/shop/web");
    memory.clearLog();
    expect(await registry.mountBlob(web, emptyConfig.descriptor.digest, api)).toBe(true);
    const token = memory.log.find((request) => request.kind === "token");
    expect(new URL(token?.url ?? "").searchParams.getAll("scope")).toEqual([
      "repository:shop/api:pull",
      "repository:shop/web:pull,push",
    ]);
  });

  test("an identity token is exchanged by POST and never sent to the registry", async () => {
    const memory = makeRegistryInMemory({ auth: tokens });
    const config = { auths: { "https://registry.test": { ...auth("0000", ""), identitytoken: "refresh-ada" } } };
    const registry = makeRegistry(hostWith(memory, config));
    await registry.putManifest(api, "1", manifest);
    const [token] = memory.log.filter((request) => request.kind === "token");
    expect(token).toMatchObject({ method: "POST", authorization: "none" });
    expect(memory.snapshot()["shop/api"]?.tags).toEqual({ 1: digestOf(manifest.bytes) });
  });

  test("nobody in particular reads what is public", async () => {
    const memory = makeRegistryInMemory({ auth: { ...tokens, isPublic: true } });
    const registry = makeRegistry(makeTestHost({ fetch: memory.fetch }));
    expect(await registry.getManifest(api, "1")).toBeUndefined();
    expect((await failureOf(registry.putManifest(api, "1", manifest))).code).toBe("credentials");
  });

  test("a token server that is reached unencrypted from an encrypted registry gets nothing", async () => {
    const asked: string[] = [];
    const headers = { "www-authenticate": 'Bearer realm="http://evil.test/token",service="x"' };
    const fetch: Host["fetch"] = (input) => {
      asked.push(typeof input === "string" ? input : "");
      return Promise.resolve(new Response("", { status: 401, headers }));
    };
    const memory = makeRegistryInMemory();
    const host = hostWith(memory, { auths: { "registry.test": auth("ada", "s3cret") } }, { fetch });
    const error = await failureOf(makeRegistry(host).getManifest(api, "1"));
    expect(error).toMatchObject({ code: "credentials" });
    expect(asked).toEqual(["https://registry.test/v2/shop/api/manifests/1"]);
  });

  test("a token server in trouble is tried again", async () => {
    const memory = makeRegistryInMemory({
      auth: { ...tokens, isPublic: true },
      faults: (request) => (request.kind === "token" && request.nth < 2 ? { kind: "status", status: 503 } : undefined),
    });
    const registry = makeRegistry(makeTestHost({ fetch: memory.fetch }));
    expect(await registry.getManifest(api, "1")).toBeUndefined();
    expect(memory.count({ kind: "token" })).toBe(3);
  });
});

describe("who is asked for, and what people are told", () => {
  test("basic: the password goes with every request after the first challenge", async () => {
    const memory = makeRegistryInMemory({ auth: { kind: "basic", users } });
    const registry = makeRegistry(hostWith(memory, { auths: { "registry.test": auth("ada", "s3cret") } }));
    await registry.putManifest(api, "1", manifest);
    await registry.getManifest(api, "1");
    expect(memory.log.map((request) => request.authorization)).toEqual(["none", "basic", "basic"]);
  });

  test.each([
    ["basic", { kind: "basic", users }],
    ["token", tokens],
  ] as const)("a wrong password (%s) is said to be one, with its source and without itself", async (_, how) => {
    const memory = makeRegistryInMemory({ auth: how });
    const host = hostWith(memory, { auths: { "registry.test": auth("ada", "wr0ng-pass") } });
    const error = await failureOf(makeRegistry(host).getManifest(api, "1"));
    expect(error.code).toBe("credentials");
    expect(error.message).toContain("reading registry.test/shop/api:1: registry.test: 401 Unauthorized");
    expect(error.message).toContain(`asked with the credentials from ${host.env["DOCKER_CONFIG"]}/config.json`);
    expect(error.hint).toBe("run `docker login registry.test` with an account that may read registry.test/shop/api");
    expect(JSON.stringify([error.message, error.hint])).not.toMatch(/wr0ng-pass|YWRh/);
    expect(host.slept).toEqual([]);
  });

  test("without the permission to push it is exit 4 as well", async () => {
    const memory = makeRegistryInMemory({ auth: { kind: "basic", users } });
    const host = hostWith(memory, { auths: { "registry.test": auth("bob", "b0b") } });
    const error = await failureOf(makeRegistry(host).putManifest(api, "1", manifest));
    expect(error.code).toBe("credentials");
    expect(error.message).toContain("403 Forbidden (DENIED: requested access to the resource is denied)");
    expect(error.hint).toContain("may write registry.test/shop/api");
  });

  test("without credentials it says where there were none", async () => {
    const memory = makeRegistryInMemory({ auth: { kind: "basic", users } });
    const host = hostWith(memory, { auths: { "other.test": auth("ada", "s3cret") } });
    const error = await failureOf(makeRegistry(host).getManifest(api, "1"));
    expect(error.message).toContain("asked with no credentials (none in ");
  });

  test("a helper is asked with the registry's name on its standard input; its user may be a token", async () => {
    const memory = makeRegistryInMemory({ auth: tokens });
    const runs: unknown[] = [];
    const run: Host["run"] = (program, args, options) => {
      runs.push([program, args, options?.stdin]);
      const answer = { ServerURL: "registry.test", Username: "<token>", Secret: "refresh-ada" };
      const stdout = new TextEncoder().encode(JSON.stringify(answer));
      return Promise.resolve({ exitCode: 0, stdout, stderr: "" });
    };
    const config = { credsStore: "desktop", credHelpers: { "registry.test": "vault" } };
    const registry = makeRegistry(hostWith(memory, config, { run }));
    await registry.putManifest(api, "1", manifest);
    await registry.getManifest(imageName("registry.test/shop/web"), "1");
    expect(runs).toEqual([["docker-credential-vault", ["get"], "registry.test"]]);
  });

  test("where the store has nothing, what is in the file counts; a missing helper is named when access is denied", async () => {
    const memory = makeRegistryInMemory({ auth: { kind: "basic", users } });
    const run: Host["run"] = () =>
      Promise.resolve({
        exitCode: 1,
        stdout: new TextEncoder().encode("credentials not found in native keychain"),
        stderr: "",
      });
    const config = { credsStore: "desktop", auths: { "https://registry.test/v2/": auth("ada", "s3cret") } };
    const registry = makeRegistry(hostWith(memory, config, { run }));
    expect(await registry.getManifest(api, "1")).toBeUndefined();
    const error = await failureOf(makeRegistry(hostWith(memory, { credsStore: "desktop" })).getManifest(api, "1"));
    expect(error.message).toContain("running docker-credential-desktop");
  });

  test.each([
    ["no JSON", "{ auths: s3cret", "it is not JSON"],
    ["no configuration", '{"auths": ["s3cret"]}', "it is no Docker configuration (auths)"],
  ])("a config.json that is %s is named, and not quoted", async (_, text, said) => {
    const memory = makeRegistryInMemory({ auth: tokens });
    const error = await failureOf(makeRegistry(hostWith(memory, text)).getManifest(api, "1"));
    expect(error.code).toBe("credentials");
    expect(error.message).toContain(said);
    expect(error.message).not.toContain("s3cret");
  });

  test("credentials are found under a host that is written in capitals", async () => {
    const memory = makeRegistryInMemory({ auth: tokens });
    const host = hostWith(memory, { auths: { "Registry.Test": auth("ada", "s3cret") } });
    expect(await makeRegistry(host).getManifest(api, "1")).toBeUndefined();
  });

  test("Docker Hub's credentials are found under the address that Docker writes", async () => {
    const memory = makeRegistryInMemory({ auth: tokens });
    const registry = makeRegistry(hostWith(memory, { auths: { "https://index.docker.io/v1/": auth("bob", "b0b") } }));
    expect(await registry.getManifest(imageName("node"), "24")).toBeUndefined();
    expect(memory.log.map((request) => request.url.split("?")[0])).toEqual([
      "https://registry-1.docker.io/v2/library/node/manifests/24",
      "https://registry-1.docker.io/token",
      "https://registry-1.docker.io/v2/library/node/manifests/24",
    ]);
  });

  test("no file and no home means nobody in particular", async () => {
    const memory = makeRegistryInMemory();
    const registry = makeRegistry(makeTestHost({ fetch: memory.fetch, env: { HOME: "/nowhere" } }));
    expect(await registry.getManifest(api, "1")).toBeUndefined();
  });
});

describe("redirects", () => {
  const digest = emptyConfig.descriptor.digest;

  test("credentials never follow one to another origin", async () => {
    const memory = makeRegistryInMemory({ auth: { kind: "basic", users }, redirectBlobsTo: "https://storage.test" });
    const registry = makeRegistry(hostWith(memory, { auths: { "registry.test": auth("ada", "s3cret") } }));
    await registry.putBlob(api, emptyConfig.bytes);
    await registry.getManifest(api, "learn-the-scheme");
    memory.clearLog();
    expect(await registry.getBlob(api, emptyConfig.descriptor)).toEqual(emptyConfig.bytes);
    expect(memory.log.map((request) => [new URL(request.url).host, request.authorization])).toEqual([
      ["registry.test", "basic"],
      ["storage.test", "none"],
    ]);
  });

  test("they do follow one on the same origin", async () => {
    const memory = makeRegistryInMemory({ redirectBlobsTo: "https://registry.test", auth: { kind: "basic", users } });
    const registry = makeRegistry(hostWith(memory, { auths: { "registry.test": auth("ada", "s3cret") } }));
    await registry.putBlob(api, emptyConfig.bytes);
    memory.clearLog();
    expect(await registry.hasBlob(api, digest)).toBe(true);
    expect(memory.log.map((request) => request.authorization)).toEqual(["basic", "basic"]);
  });

  test("a signed address that expired is asked for anew", async () => {
    const memory = makeRegistryInMemory({
      redirectBlobsTo: "https://storage.test",
      faults: (request) =>
        request.kind === "storage" && request.nth === 0 ? { kind: "status", status: 403 } : undefined,
    });
    const registry = makeRegistry(makeTestHost({ fetch: memory.fetch }));
    memory.alterBlob("shop/api", digest, emptyConfig.bytes);
    expect(await registry.getBlob(api, emptyConfig.descriptor)).toEqual(emptyConfig.bytes);
  });

  test.each(["http://storage.test", "https://registry.test/loop"])("%s is not followed for ever", async (target) => {
    const memory = makeRegistryInMemory({
      faults: () => ({ kind: "status", status: 307, headers: { location: `${target}?signature=top-secret` } }),
    });
    const registry = makeRegistry(makeTestHost({ fetch: memory.fetch }));
    const error = await failureOf(registry.getManifest(api, "1"));
    expect(error.message).toMatch(/refused to follow a redirect|more than 5 redirects/);
    expect(error.message).not.toContain("top-secret");
    expect(memory.log.length).toBeLessThanOrEqual(6);
  });
});

describe("mirrors", () => {
  const node = imageName("node");
  const two = new TextEncoder().encode(`${new TextDecoder().decode(manifest.bytes)}\n`);

  async function setUp(
    env: Record<string, string>,
  ): Promise<{ hub: RegistryInMemory; mirror: RegistryInMemory; registry: ReturnType<typeof makeRegistry> }> {
    const hub = makeRegistryInMemory();
    const mirror = makeRegistryInMemory();
    const fetch = joinFetches({ "registry-1.docker.io": hub, "127.0.0.1:5001": mirror });
    const fill = makeRegistry(makeTestHost({ fetch }));
    await fill.putManifest(node, "both", manifest);
    await fill.putManifest(node, "hub-only", manifest);
    await fill.putManifest(imageName("127.0.0.1:5001/library/node"), "both", { ...manifest, bytes: two });
    hub.clearLog();
    mirror.clearLog();
    return { hub, mirror, registry: makeRegistry(makeTestHost({ fetch, env })) };
  }

  test("what a mirror has comes from it, the rest from the registry itself", async () => {
    const { hub, mirror, registry } = await setUp({ SLIPWAY_REGISTRY_MIRRORS: "docker.io=http://127.0.0.1:5001" });
    expect((await registry.mirrored.getManifest(node, "both"))?.digest).toBe(digestOf(two));
    expect(hub.log).toEqual([]);
    expect((await registry.mirrored.getManifest(node, "hub-only"))?.digest).toBe(digestOf(manifest.bytes));
    expect(await registry.mirrored.getManifest(node, "neither")).toBeUndefined();
    expect(mirror.log.map((request) => request.url)).toContain("http://127.0.0.1:5001/v2/library/node/manifests/both");
  });

  test("one is not asked for what is a release's own: it may know it too late", async () => {
    const { mirror, registry } = await setUp({ SLIPWAY_REGISTRY_MIRRORS: "docker.io=http://127.0.0.1:5001" });
    expect((await registry.headManifest(node, "both"))?.digest).toBe(digestOf(manifest.bytes));
    expect((await registry.getManifest(node, "both"))?.digest).toBe(digestOf(manifest.bytes));
    expect(await registry.hasBlob(node, digestOf("nothing"))).toBe(false);
    expect(mirror.log).toEqual([]);
  });

  test("one that is down, or broken, does not stand in the way", async () => {
    const mirrors = "docker.io=https://down.test/proxy,docker.io=http://127.0.0.1:5001";
    const { mirror, registry } = await setUp({ SLIPWAY_REGISTRY_MIRRORS: mirrors });
    expect((await registry.mirrored.getManifest(node, "both"))?.digest).toBe(digestOf(two));
    mirror.setFaults(() => ({ kind: "status", status: 500 }));
    expect((await registry.mirrored.getManifest(node, "both"))?.digest).toBe(digestOf(manifest.bytes));
  });

  test("nothing is pushed to one, and blobs are read from it", async () => {
    const { hub, mirror, registry } = await setUp({ SLIPWAY_REGISTRY_MIRRORS: "docker.io=http://127.0.0.1:5001" });
    const { digest } = await registry.putBlob(node, emptyConfig.bytes);
    await registry.putManifest(node, "new", manifest);
    expect(mirror.snapshot()["library/node"]?.tags).not.toHaveProperty("new");
    hub.clearLog();
    mirror.alterBlob("library/node", digest, emptyConfig.bytes);
    expect(await registry.mirrored.getBlob(node, emptyConfig.descriptor)).toEqual(emptyConfig.bytes);
    expect(hub.log).toEqual([]);
  });

  test("a blob that the mirror lacks comes from the registry itself", async () => {
    const { registry } = await setUp({ SLIPWAY_REGISTRY_MIRRORS: "docker.io=http://127.0.0.1:5001" });
    await registry.putBlob(node, emptyConfig.bytes);
    expect(await registry.mirrored.getBlob(node, emptyConfig.descriptor)).toEqual(emptyConfig.bytes);
  });

  test.each(["docker.io", "docker.io=ftp://x.test", "docker.io=https://user:pw@x.test"])(
    "a setting that is none is named: %s",
    (text) => {
      const host = makeTestHost({ env: { SLIPWAY_REGISTRY_MIRRORS: text } });
      expect(() => makeRegistry(host)).toThrow(SlipwayError);
    },
  );
});

test("a registry that is not there is unavailable, with what was wrong", async () => {
  const host = makeTestHost({ fetch: makeFetch({}) });
  const server = await makeRegistryInMemory().listen();
  await server.close();
  const gone = server.host;
  const error = await failureOf(makeRegistry(host, { tries: 2 }).getManifest(imageName(`${gone}/x`), "1"));
  expect(error.code).toBe("unavailable");
  expect(error.message).toBe(`reading ${gone}/x:1: ${gone}: connection refused, tried 2 times`);
  expect(error.hint).toContain("run the same command again later");
  const unknown = makeTestHost({ fetch: joinFetches({}) });
  const second = await failureOf(makeRegistry(unknown).getManifest(api, "1"));
  expect(second.message).toContain("the host name is not known, tried 3 times");
  expect(second.hint).toMatch(/^check that "registry.test" is spelled right and that this machine can reach it; then /);
});

describe("whether a name can be pushed to", () => {
  test("is asked by beginning an upload, which is taken back", async () => {
    const memory = makeRegistryInMemory({ auth: tokens });
    const host = hostWith(memory, { auths: { "registry.test": auth("ada", "s3cret") } });
    await makeRegistry(host).checkPush(api);
    const uploads = memory.log.filter(({ kind, authorization }) => kind === "upload" && authorization === "bearer");
    expect(uploads.map(({ method }) => method)).toEqual(["POST", "DELETE"]);
  });

  test("without the permission fails as a push would", async () => {
    const memory = makeRegistryInMemory({ auth: { kind: "basic", users } });
    const host = hostWith(memory, { auths: { "registry.test": auth("bob", "b0b") } });
    const { code, message } = await failureOf(makeRegistry(host).checkPush(api));
    expect(code).toBe("credentials");
    expect(message).toContain("looking whether registry.test/shop/api can be pushed to");
  });
});
