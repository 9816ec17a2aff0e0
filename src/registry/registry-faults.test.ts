import { describe, expect, test } from "vitest";
import type { Event } from "../event.ts";
import type { Fetch } from "../host.ts";
import { digestOf } from "../model/digest.ts";
import { emptyConfig, mediaType } from "../model/oci.ts";
import { type TestHost, makeTestHost } from "../testing/test-host.ts";
import { type Registry, type RegistryOptions, makeRegistry } from "./registry.ts";
import {
  type FaultRule,
  type InjectedFault,
  type LoggedRequest,
  type RegistryInMemory,
  type RegistryInMemoryOptions,
  makeRegistryInMemory,
} from "./testing/registry-in-memory.ts";
import { imageName } from "../testing/image-name.ts";
import { failureOf } from "../testing/failure-of.ts";

const api = imageName("registry.test/shop/api");

interface Scene {
  readonly memory: RegistryInMemory;
  readonly registry: Registry;
  readonly host: TestHost;
  readonly events: Event[];
}

async function setUp(memoryOptions: RegistryInMemoryOptions = {}, options: RegistryOptions = {}): Promise<Scene> {
  const memory = makeRegistryInMemory(memoryOptions);
  const host = makeTestHost({ fetch: memory.fetch });
  const events: Event[] = [];
  const registry = makeRegistry(host, {
    timeouts: { answerMs: 40, stallMs: 40 },
    emit: (event) => events.push(event),
    ...options,
  });
  const rule = memoryOptions.faults;
  memory.setFaults(undefined);
  await registry.putBlob(api, emptyConfig.bytes);
  await registry.putManifest(api, "1.0.0", manifestOf("one"));
  memory.clearLog();
  memory.setFaults(rule);
  return { memory, registry, host, events };
}

/** The first `times` requests that match have the fault. */
function first(times: number, fault: InjectedFault, like: Partial<LoggedRequest> = {}): FaultRule {
  let left = times;
  return (request) => {
    if (like.method !== undefined && request.method !== like.method) return undefined;
    if (like.kind !== undefined && request.kind !== like.kind) return undefined;
    return left-- > 0 ? fault : undefined;
  };
}

function manifestOf(mark: string): { mediaType: string; bytes: Uint8Array } {
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: emptyConfig.descriptor,
    layers: [],
    annotations: { mark },
  };
  return { mediaType: manifest.mediaType, bytes: new TextEncoder().encode(JSON.stringify(manifest)) };
}

describe("what may pass is tried again", () => {
  const passing: Readonly<Record<string, InjectedFault>> = {
    "429 without Retry-After": { kind: "rate-limit" },
    "429 with Retry-After": { kind: "rate-limit", retryAfter: "3" },
    "403 that GHCR means as a rate limit": { kind: "ghcr-rate-limit" },
    "500": { kind: "status", status: 500 },
    "503 with a page": { kind: "status", status: 503, body: "<html>no</html>" },
    "a reset before the answer": { kind: "reset", when: "before" },
    "a reset in the middle of the body": { kind: "reset-in-body", afterBytes: 20 },
    "no answer": { kind: "hang", when: "before" },
    "a body that stands still": { kind: "stall-in-body", afterBytes: 20 },
  };
  test.each(Object.entries(passing))("a manifest is read in spite of %s", async (_, fault) => {
    const { registry, memory } = await setUp({ faults: first(2, fault) });
    const read = await registry.getManifest(api, "1.0.0");
    expect(read?.digest).toBe(digestOf(manifestOf("one").bytes));
    expect(memory.count({ method: "GET", kind: "manifest" })).toBe(3);
  });

  test.each(Object.entries(passing))("a manifest is pushed in spite of %s", async (_, fault) => {
    const { registry, memory } = await setUp({ faults: first(2, fault, { method: "PUT" }) });
    const digest = await registry.putManifest(api, "1.1.0", manifestOf("two"));
    expect(memory.snapshot()["shop/api"]?.tags["1.1.0"]).toBe(digest);
  });

  test.each(Object.entries(passing))("a manifest is looked up in spite of %s", async (_, fault) => {
    const { registry } = await setUp({ faults: first(2, fault) });
    expect((await registry.headManifest(api, "1.0.0"))?.digest).toBe(digestOf(manifestOf("one").bytes));
  });

  test("a blob that the registry does not know yet is waited for, a few times", async () => {
    const body = '{"errors":[{"code":"DIGEST_INVALID"},{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown"}]}';
    const unknown: InjectedFault = { kind: "status", status: 400, body };
    const { registry, memory } = await setUp({ faults: first(2, unknown, { method: "PUT" }) });
    const digest = await registry.putManifest(api, "1.1.0", manifestOf("two"));
    expect(memory.snapshot()["shop/api"]?.tags["1.1.0"]).toBe(digest);
    memory.clearLog();
    memory.setFaults(() => unknown);
    const error = await failureOf(registry.putManifest(api, "1.2.0", manifestOf("three")));
    expect(error.code).toBe("failed");
    expect(error.message).toMatch(/MANIFEST_BLOB_UNKNOWN.*, tried 4 times$/);
    expect(error.hint).toContain("build it again with `slipway build --force`");
    expect(memory.log).toHaveLength(4);
  });

  test("waits double and are spread; the person hears of long ones", async () => {
    const { registry, host, events } = await setUp({ faults: first(5, { kind: "status", status: 500 }) });
    await registry.getManifest(api, "1.0.0");
    expect(host.slept).toHaveLength(5);
    host.slept.forEach((wait, index) => {
      expect(wait).toBeGreaterThanOrEqual(125 * 2 ** index);
      expect(wait).toBeLessThanOrEqual(250 * 2 ** index);
    });
    const waits = events.filter((event) => event.kind === "waiting");
    expect(waits).toHaveLength(host.slept.filter((wait) => wait > 1000).length);
    expect(waits.at(-1)?.message).toContain("registry.test: 500 Internal Server Error; trying again");
  });

  test.each([
    ["seconds", "7", 7000],
    ["a date", "Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["longer than anybody waits", "86400", 120_000],
  ])("Retry-After in %s is kept to, up to two minutes", async (_, retryAfter, wait) => {
    const { registry, host } = await setUp({ faults: first(1, { kind: "rate-limit", retryAfter }) });
    await registry.getManifest(api, "1.0.0");
    expect(host.slept[0]).toBeGreaterThanOrEqual(wait);
    expect(host.slept[0]).toBeLessThanOrEqual(wait + 250);
  });

  test("GHCR's rate limits are waited out in quarters of a minute, or as the message says", async () => {
    const { registry, host } = await setUp({ faults: first(1, { kind: "ghcr-rate-limit" }) });
    await registry.getManifest(api, "1.0.0");
    expect(host.slept[0]).toBeGreaterThanOrEqual(7500);
    const body = '{"errors":[{"code":"TOOMANYREQUESTS","message":"retry-after: 10.487765ms, allowed: 2000/minute"}]}';
    const told = await setUp({ faults: first(1, { kind: "status", status: 429, body }) });
    await told.registry.getManifest(api, "1.0.0");
    expect(told.host.slept[0]).toBeLessThan(300);
  });

  test("after so many tries it is unavailable, and the error says how often it was tried", async () => {
    const { registry, memory } = await setUp({ faults: () => ({ kind: "status", status: 502 }) }, { tries: 4 });
    const error = await failureOf(registry.getManifest(api, "1.0.0"));
    expect(error.code).toBe("unavailable");
    expect(error.message).toBe("reading registry.test/shop/api:1.0.0: registry.test: 502 Bad Gateway, tried 4 times");
    expect(error.hint).toContain("run the same command again");
    expect(memory.log).toHaveLength(4);
  });

  test.each([
    [400, "400 Bad Request (MANIFEST_INVALID: no such layer)", "look at the registry's message"],
    [404, "404 Not Found (MANIFEST_INVALID: no such layer)", "create the repository registry.test/shop/api"],
    [405, "405 Method Not Allowed (MANIFEST_INVALID: no such layer)", "tags that may be put once"],
    [409, "409 Conflict (MANIFEST_INVALID: no such layer)", "tags that may be put once"],
    [413, "413 Content Too Large (MANIFEST_INVALID: no such layer)", "raise its limit"],
    [422, "422 Unprocessable Content (MANIFEST_INVALID: no such layer)", "look at the registry's message"],
    [418, "418 (MANIFEST_INVALID: no such layer)", "look at the registry's message"],
  ] as const)("a %s to a push is final and refused, with the registry's words", async (status, words, hint) => {
    const body = '{"errors":[{"code":"MANIFEST_INVALID","message":"no such layer"}]}';
    const { registry, memory } = await setUp({ faults: first(9, { kind: "status", status, body }, { method: "PUT" }) });
    expect(await failureOf(registry.putManifest(api, "x", manifestOf("x")))).toMatchObject({
      code: "refused",
      message: `pushing registry.test/shop/api:x: registry.test answered PUT /v2/shop/api/manifests/x with ${words}`,
      hint: expect.stringContaining(hint) as string,
    });
    expect(memory.log).toHaveLength(1);
  });

  test.each([400, 409, 418])("a %s to a read is final, and nothing that is refused for good", async (status) => {
    const { registry, memory } = await setUp({ faults: () => ({ kind: "status", status, body: "no such thing" }) });
    const error = await failureOf(registry.getManifest(api, "1.0.0"));
    expect(error).toMatchObject({ code: "unavailable", hint: expect.stringContaining("a proxy") as string });
    expect(error.message).toMatch(
      new RegExp(`: registry.test answered GET /v2/shop/api/manifests/1.0.0 with ${status} .*\\(no such thing\\)$`),
    );
    expect(memory.log).toHaveLength(1);
  });

  test("a 403 whose reason breaks off may be a rate limit, and is asked again", async () => {
    const { memory } = await setUp();
    let left = 2;
    const broken = (): Response =>
      new Response(new ReadableStream({ pull: (stream) => stream.error(new Error("gone")) }), { status: 403 });
    const fetch: Fetch = (url, init) => (left-- > 0 ? Promise.resolve(broken()) : memory.fetch(url, init));
    const registry = makeRegistry(makeTestHost({ fetch }));
    expect((await registry.getManifest(api, "1.0.0"))?.digest).toBe(digestOf(manifestOf("one").bytes));
  });

  test("a 403 without a rate limit is final, also to HEAD, which cannot say why", async () => {
    const { registry, memory, host } = await setUp({ faults: () => ({ kind: "status", status: 403, body: "no" }) });
    expect((await failureOf(registry.headManifest(api, "1.0.0"))).code).toBe("credentials");
    expect(memory.log.map((request) => request.method)).toEqual(["HEAD", "GET"]);
    expect(host.slept).toEqual([]);
  });
});

describe("a push that may have been done is looked at before it is done again", () => {
  test.each([
    ["a reset", { kind: "reset", when: "after" }],
    ["silence", { kind: "hang", when: "after" }],
  ] as const)("after %s the registry has it, and it is not pushed twice", async (_, fault) => {
    const { registry, memory } = await setUp({ faults: first(1, fault, { method: "PUT" }) });
    await registry.putManifest(api, "1.1.0", manifestOf("two"));
    expect(memory.log.map((request) => request.method)).toEqual(["PUT", "HEAD"]);
  });

  test("a registry whose tags cannot be put twice, and whose first answer was lost, has taken the push", async () => {
    const { registry } = await setUp({
      faults: (request) => {
        if (request.method === "HEAD" && request.nth === 0) return { kind: "reset", when: "before" };
        if (request.method !== "PUT") return undefined;
        return request.nth === 0 ? { kind: "reset", when: "after" } : { kind: "status", status: 409 };
      },
    });
    await expect(registry.putManifest(api, "1.1.0", manifestOf("two"))).resolves.toBe(
      digestOf(manifestOf("two").bytes),
    );
  });

  test("a 201 is believed, whatever the next reads say", async () => {
    const { registry, memory } = await setUp({ faults: first(1, { kind: "stale", reads: 2 }, { method: "PUT" }) });
    const digest = await registry.putManifest(api, "1.0.0", manifestOf("two"));
    expect(digest).toBe(digestOf(manifestOf("two").bytes));
    expect(memory.log).toHaveLength(1);
    const old = digestOf(manifestOf("one").bytes);
    const reads = [1, 2, 3].map(async () => (await registry.headManifest(api, "1.0.0"))?.digest);
    expect(await Promise.all(reads)).toEqual([old, old, digest]);
  });
});

describe("bytes are believed only by their digest", () => {
  test.each(["1.0.0", digestOf(manifestOf("one").bytes)])("an altered manifest is refused: %s", async (reference) => {
    const { registry } = await setUp({ faults: () => ({ kind: "altered" }) });
    const error = await failureOf(registry.getManifest(api, reference));
    expect(error.code).toBe("refused");
    expect(error.message).toMatch(/the bytes have digest sha256:[0-9a-f]{64}, not sha256:/);
  });

  test("altered under its digest at the registry, it is refused without the header too", async () => {
    const { registry, memory } = await setUp({ sendsDigests: false });
    const digest = digestOf(manifestOf("one").bytes);
    memory.alterManifest("shop/api", digest, manifestOf("evil").bytes);
    expect((await failureOf(registry.getManifest(api, digest))).code).toBe("refused");
  });

  test("an altered blob is refused", async () => {
    const { registry } = await setUp({ faults: first(1, { kind: "altered" }, { kind: "blob" }) });
    expect((await failureOf(registry.getBlob(api, emptyConfig.descriptor))).code).toBe("refused");
  });

  test("a registry that says it stored something else is not believed", async () => {
    const headers = { "docker-content-digest": digestOf("else") };
    const { registry } = await setUp({ faults: first(1, { kind: "status", status: 201, headers }) });
    expect((await failureOf(registry.putManifest(api, "x", manifestOf("x")))).code).toBe("refused");
  });

  test("without the digest header the digest is computed", async () => {
    const { registry, memory } = await setUp({ faults: () => ({ kind: "no-digest-header" }) });
    const digest = digestOf(manifestOf("one").bytes);
    expect((await registry.getManifest(api, "1.0.0"))?.digest).toBe(digest);
    expect(await registry.headManifest(api, "1.0.0")).toEqual({
      digest,
      mediaType: mediaType.ociManifest,
      size: manifestOf("one").bytes.length,
    });
    expect(memory.log.map((request) => request.method)).toEqual(["GET", "HEAD", "GET"]);
  });
});

describe("blobs survive broken connections", () => {
  const big = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7 + (index >> 8)) & 255);
  const digest = digestOf(big);

  test.each([true, false])("reading goes on where it broke off (registry hears Range: %s)", async (ranges) => {
    const { registry, memory } = await setUp({ ranges });
    await registry.putBlob(api, big);
    memory.setFaults(first(3, { kind: "reset-in-body", afterBytes: 1500 }, { kind: "blob" }));
    const before = registry.stats().bytesRead;
    expect(Buffer.from(await registry.getBlob(api, { digest, size: big.length })).equals(big)).toBe(true);
    if (ranges) expect(registry.stats().bytesRead - before).toBe(5000);
  });

  test("progress starts the count of tries anew; none ends it", async () => {
    const { registry, memory } = await setUp({}, { tries: 2 });
    await registry.putBlob(api, big);
    memory.setFaults(first(4, { kind: "reset-in-body", afterBytes: 1000 }, { kind: "blob" }));
    expect(await registry.getBlob(api, { digest, size: big.length })).toHaveLength(5000);
    memory.setFaults(() => ({ kind: "reset-in-body", afterBytes: 0 }));
    expect((await failureOf(registry.getBlob(api, { digest, size: big.length }))).message).toContain("tried 2 times");
  });

  test.each([
    ["a chunk that never arrived", { kind: "reset", when: "before" }, false],
    ["a chunk whose answer was lost", { kind: "reset", when: "after" }, false],
    ["a registry that forgets the upload then", { kind: "reset", when: "after" }, true],
  ] as const)("an upload goes on after %s", async (_, fault, uploadStates) => {
    const { registry, memory } = await setUp({ uploadStates }, { chunkBytes: 1000 });
    let chunks = 0;
    memory.setFaults((request) => (request.method === "PATCH" && ++chunks === 3 ? fault : undefined));
    await registry.putBlob(api, big);
    expect(Buffer.from(await registry.getBlob(api, { digest, size: big.length })).equals(big)).toBe(true);
    const sent = memory.count({ method: "PATCH" });
    expect(sent).toBe(uploadStates ? 8 : fault.when === "after" ? 5 : 6);
  });

  test("GHCR gets no more than it takes in one request", async () => {
    const { registry, memory } = await setUp({ mostChunkBytes: 4 * 1024 * 1024 });
    const ghcr = imageName("ghcr.io/acme/api");
    const large = new Uint8Array(9_000_000).fill(7);
    await registry.putBlob(ghcr, large);
    expect(memory.log.filter((request) => request.method === "PATCH").map((request) => request.bytes)).toEqual([
      4_000_000, 4_000_000, 1_000_000,
    ]);
  });

  test("a blob is streamed from one registry to another, and what is there already is not", async () => {
    const { registry, memory } = await setUp();
    await registry.putBlob(api, big);
    const other = imageName("other.test/mirror/api");
    memory.clearLog();
    await registry.copyBlob(api, other, { digest, size: big.length });
    // Both hosts are one registry here, with a repository each.
    expect(memory.snapshot()["mirror/api"]?.blobs).toEqual([digest]);
    expect(memory.log.filter((request) => request.url.includes("mount="))).toEqual([]);
    memory.clearLog();
    await registry.copyBlob(api, other, { digest, size: big.length });
    expect(memory.log.map((request) => request.method)).toEqual(["HEAD"]);
  });
});

describe("a blob is written to a name by one at a time", () => {
  const bytes = new Uint8Array(3000).fill(7);

  test("what two push at once is sent once", async () => {
    const { registry, memory } = await setUp();
    await Promise.all([registry.putBlob(api, bytes), registry.putBlob(api, bytes)]);
    expect(memory.log.map((request) => request.method)).toEqual(["HEAD", "POST", "PUT", "HEAD"]);
  });

  test("a blob of two images of an index is mounted once", async () => {
    const { registry, memory } = await setUp();
    const manifests = await Promise.all(
      ["amd64", "arm64"].map(async (mark) => {
        const manifest = manifestOf(mark);
        const child = await registry.putManifest(api, digestOf(manifest.bytes), manifest);
        return { mediaType: manifest.mediaType, digest: child, size: manifest.bytes.length };
      }),
    );
    const index = { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests };
    const bytes = new TextEncoder().encode(JSON.stringify(index));
    const tree = await registry.putManifest(api, "both", { mediaType: mediaType.ociIndex, bytes });
    memory.clearLog();
    await registry.copyManifestTree(api, tree, imageName("registry.test/shop/copy"));
    expect(memory.log.filter((request) => request.method === "POST").map((request) => request.url)).toEqual([
      expect.stringContaining(`mount=${encodeURIComponent(emptyConfig.descriptor.digest)}`),
    ]);
  });

  test("when who came first fails, the next one does it", async () => {
    const { registry, memory } = await setUp({}, { tries: 1 });
    memory.setFaults(first(1, { kind: "status", status: 500 }));
    const [one, two] = await Promise.allSettled([registry.putBlob(api, bytes), registry.putBlob(api, bytes)]);
    expect([one.status, two.status]).toEqual(["rejected", "fulfilled"]);
  });

  test("who is interrupted stops waiting for it, and nobody else does", async () => {
    const { registry, memory } = await setUp({}, { timeouts: { answerMs: 200 } });
    memory.setFaults(first(1, { kind: "hang", when: "before" }));
    const controller = new AbortController();
    const patient = registry.putBlob(api, bytes);
    const failure = failureOf(registry.putBlob(api, bytes, controller.signal));
    controller.abort();
    expect((await failure).code).toBe("interrupted");
    expect(await patient).toEqual({ digest: digestOf(bytes), size: bytes.length });
  });
});

test("a copy whose source is gone says so, and does not blame where it goes", async () => {
  const { registry, memory } = await setUp({}, { tries: 2, chunkBytes: 1000 });
  const bytes = new Uint8Array(3000);
  const { digest, size } = await registry.putBlob(api, bytes);
  memory.setFaults((request) =>
    request.kind === "blob" && request.method === "GET" ? { kind: "status", status: 503 } : undefined,
  );
  const error = await failureOf(registry.copyBlob(api, imageName("other.test/copy"), { digest, size }));
  expect(error.message).toBe(`reading ${api}@${digest}: registry.test: 503 Service Unavailable, tried 2 times`);
  expect(memory.count({ kind: "blob", method: "GET" })).toBe(2);
});

describe("Ctrl-C", () => {
  test("ends a request that waits for its answer", async () => {
    const { registry, host } = await setUp({ faults: () => ({ kind: "hang", when: "before" }) });
    const failure = failureOf(registry.getManifest(api, "1.0.0"));
    setImmediate(() => host.interrupt());
    expect((await failure).code).toBe("interrupted");
  });

  test("ends the waiting between tries, and one caller's signal ends only its own request", async () => {
    const { registry, memory } = await setUp();
    const controller = new AbortController();
    memory.setFaults((request) => {
      if (request.reference !== "1.0.0") return undefined;
      controller.abort();
      return { kind: "status", status: 500 };
    });
    const [one, other] = await Promise.all([
      failureOf(registry.getManifest(api, "1.0.0", controller.signal)),
      registry.getManifest(api, "2.0.0"),
    ]);
    expect(one.code).toBe("interrupted");
    expect(other).toBeUndefined();
    expect(memory.count({ reference: "1.0.0" })).toBe(1);
  });
});

test("no more requests than allowed run at once", async () => {
  let running = 0;
  let most = 0;
  const memory = makeRegistryInMemory();
  const fetch: Fetch = async (input, init) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return memory.fetch(input, init);
  };
  const registry = makeRegistry(makeTestHost({ fetch }), { concurrency: 3 });
  await Promise.all(Array.from({ length: 40 }, (_, index) => registry.getManifest(api, `tag-${index}`)));
  expect(most).toBe(3);
});

test("as many requests run at once as a registry takes, and few from its first rate limit on", async () => {
  let running = 0;
  let most = 0;
  let isLimited = false;
  const memory = makeRegistryInMemory();
  const fetch: Fetch = async (input, init) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if (!isLimited) return memory.fetch(input, init);
    isLimited = false;
    return new Response(null, { status: 429 });
  };
  const registry = makeRegistry(makeTestHost({ fetch }));
  const ask = async (): Promise<number> => {
    most = 0;
    await Promise.all(Array.from({ length: 100 }, (_, index) => registry.getManifest(api, `tag-${index}`)));
    return most;
  };
  expect(await ask()).toBe(64);
  isLimited = true;
  await ask();
  expect(await ask()).toBe(8);
});

test("while a registry asks to wait, also requests that wait for a place wait for it", async () => {
  const memory = makeRegistryInMemory();
  const host = makeTestHost({ fetch: memory.fetch });
  const registry = makeRegistry(host, { concurrency: 2 });
  const askedAt: number[] = [];
  const rule = first(1, { kind: "rate-limit", retryAfter: "20" });
  memory.setFaults((request) => {
    askedAt.push(host.monotonic());
    return rule(request);
  });
  await Promise.all(Array.from({ length: 10 }, (_, index) => registry.getManifest(api, `tag-${index}`)));
  expect(askedAt.filter((time) => time < 20_000)).toHaveLength(2);
  expect(askedAt).toHaveLength(11);
});

test("while a registry asks to wait, other requests to it wait as well", async () => {
  const { registry, host, memory } = await setUp({ faults: first(1, { kind: "rate-limit", retryAfter: "20" }) });
  const startedAt = host.monotonic();
  let askedAt = 0;
  const rule = first(1, { kind: "rate-limit", retryAfter: "20" });
  memory.setFaults((request) => {
    if (request.reference === "later") askedAt = host.monotonic();
    return rule(request);
  });
  const limited = registry.getManifest(api, "1.0.0");
  while (host.slept.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([limited, registry.getManifest(api, "later")]);
  expect(askedAt - startedAt).toBeGreaterThanOrEqual(20_000);
});

test("addresses in errors have no query string", async () => {
  const body = "see https://user:p@pass@storage.test/x?X-Signature=top-secret now";
  const { registry } = await setUp({ faults: () => ({ kind: "status", status: 403, body }) });
  const { message } = await failureOf(registry.getManifest(api, "1.0.0"));
  expect(message).toContain("https://storage.test/x?…");
  expect(message).not.toMatch(/top-secret|pass@/);
});
