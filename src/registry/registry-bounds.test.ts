import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Host } from "../host.ts";
import { digestOf } from "../model/digest.ts";
import { mediaType } from "../model/oci.ts";
import { makeNodeHost } from "../node-host.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { type Registry, makeRegistry } from "./registry.ts";
import { makeRegistryInMemory } from "./testing/registry-in-memory.ts";
import { imageName } from "../testing/image-name.ts";
import { failureOf } from "../testing/failure-of.ts";

const api = imageName("registry.test/shop/api");

/** A client of a registry that gives this answer to the nth request, counted from 0; and the addresses that it asked for. */
function clientOf(answer: (nth: number, url: URL) => Response): { registry: Registry; asked: string[] } {
  const asked: string[] = [];
  const fetch: Host["fetch"] = (input) => {
    const url = new URL(input);
    asked.push(url.href);
    return Promise.resolve(answer(asked.length - 1, url));
  };
  return { registry: makeRegistry(makeTestHost({ fetch })), asked };
}

function json(value: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), { headers: { "content-type": "application/json", ...headers } });
}

test("headers that are longer than a client reads are refused at once", async () => {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.writeHead(401, { "www-authenticate": `Bearer realm="https://x.test/${"a".repeat(60_000)}"` }).end();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const registry = makeRegistry({ ...makeTestHost(), fetch: makeNodeHost({ cwd: ".", env: {} }).fetch });
  const name = imageName(`127.0.0.1:${port}/shop/api`);
  expect(await failureOf(registry.getManifest(name, "1"))).toMatchObject({
    code: "unavailable",
    message: `reading ${name}:1: 127.0.0.1:${port}: the headers of the answer are longer than 16 KiB`,
    hint: expect.stringContaining("a proxy") as string,
  });
  expect(requests).toBe(1);
});

/** A body that goes on for as long as it is read; counts the bytes that were taken. */
function endless(chunk: Uint8Array, taken: { bytes: number }): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      pull: (controller) => {
        taken.bytes += chunk.length;
        controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
}

describe("a list ends", () => {
  const next = (path: string): Record<string, string> => ({ link: `<${path}>; rel="next"` });
  const lists: Readonly<
    Record<string, readonly [content: (nth: number) => unknown, read: (registry: Registry) => Promise<unknown>]>
  > = {
    tags: [(nth) => ({ tags: [`tag-${nth}`] }), (registry) => registry.listTags(api)],
    referrers: [
      (nth) => ({
        manifests: [{ mediaType: mediaType.ociManifest, digest: digestOf(String(nth)), size: 1 }],
      }),
      (registry) => registry.listReferrers(api, digestOf("subject")),
    ],
  };

  test.each(Object.entries(lists))("of %s whose Link goes round", async (_, [content, read]) => {
    const { registry, asked } = clientOf((nth, url) => json(content(nth), next(`${url.pathname}?at=${(nth + 1) % 3}`)));
    const error = await failureOf(read(registry));
    expect(error).toMatchObject({ code: "unavailable" });
    expect(error.message).toMatch(
      /registry\.test\/shop\/api.*the registry's list has no end: its pages lead in a circle/,
    );
    expect(asked).toHaveLength(4);
  });

  test.each(Object.entries(lists))("of %s whose pages always bring something new", async (_, [content, read]) => {
    const { registry, asked } = clientOf((nth, url) => json(content(nth), next(`${url.pathname}?at=${nth}`)));
    expect((await failureOf(read(registry))).message).toContain("after 2000 pages there is still another one");
    expect(asked).toHaveLength(2000);
  });

  test.each(Object.entries(lists))("of %s whose pages bring nothing new", async (_, [content, read]) => {
    const { registry, asked } = clientOf((nth, url) => json(content(0), next(`${url.pathname}?at=${nth}`)));
    expect((await failureOf(read(registry))).message).toContain("20 pages in a row have nothing new");
    expect(asked).toHaveLength(21);
  });

  test("that is longer than anybody's", async () => {
    const tags = Array.from({ length: 60_000 }, (_, index) => `${index}-${"x".repeat(110)}`);
    const { registry, asked } = clientOf((nth, url) =>
      json({ tags: tags.map((tag) => `${nth}-${tag}`) }, next(`${url.pathname}?at=${nth}`)),
    );
    expect((await failureOf(registry.listTags(api))).message).toContain("longer than 67108864 bytes together");
    expect(asked).toHaveLength(10);
  });

  test("the next page is asked for where this one came from, whichever host its Link names", async () => {
    for (const link of [
      "//evil.test/v2/shop/api/tags/list?n=2",
      "https://evil.test/v2/shop/api/tags/list?n=2",
      "https://registry.test//evil.test/v2/?n=2",
      "http://registry.test/v2/shop/api/tags/list?n=2",
    ]) {
      const { registry, asked } = clientOf((nth) => json({ tags: [`tag-${nth}`] }, nth === 0 ? next(link) : {}));
      await registry.listTags(api);
      expect(asked).toHaveLength(2);
      expect(new URL(asked[1] ?? "").origin).toBe("https://registry.test");
    }
  });
});

describe("a body has a limit", () => {
  const chunk = new Uint8Array(100_000).fill(0x20);
  const digest = digestOf("a configuration");

  test.each([
    ["a manifest", 4 * 1024 * 1024, (registry: Registry) => registry.getManifest(api, "1")],
    ["a list of tags", 64 * 1024 * 1024, (registry: Registry) => registry.listTags(api)],
    ["an answer that nobody reads", 1024 * 1024, (registry: Registry) => registry.deleteManifest(api, "1")],
    ["a blob, by its descriptor", 1234, (registry: Registry) => registry.getBlob(api, { digest, size: 1234 })],
  ])("%s", async (_, most, read) => {
    const taken = { bytes: 0 };
    const { registry, asked } = clientOf(() => new Response(endless(chunk, taken)));
    const error = await failureOf(read(registry));
    expect(error.message).toContain("registry.test/shop/api");
    expect(error.message).toMatch(/longer than|more than/);
    expect(error.hint).not.toContain("plain HTTP");
    expect(asked).toHaveLength(1);
    expect(taken.bytes).toBeLessThanOrEqual(most + 2 * chunk.length);
  });

  test("an error's body and a token server's answer, too", async () => {
    const taken = { bytes: 0 };
    const { registry, asked } = clientOf((_, url) =>
      url.pathname === "/token"
        ? new Response(endless(chunk, taken))
        : new Response(endless(chunk, taken), {
            status: 401,
            headers: { "www-authenticate": 'Bearer realm="https://registry.test/token"' },
          }),
    );
    expect((await failureOf(registry.getManifest(api, "1"))).code).toBe("unavailable");
    expect(asked).toHaveLength(2);
    expect(taken.bytes).toBeLessThan(2 * 1024 * 1024);
  });

  test("what says that it is longer is not read at all", async () => {
    const taken = { bytes: 0 };
    const headers = { "content-length": String(5 * 1024 * 1024) };
    const { registry } = clientOf(() => new Response(endless(chunk, taken), { headers }));
    await failureOf(registry.getManifest(api, "1"));
    expect(taken.bytes).toBeLessThanOrEqual(chunk.length);
  });

  test("a descriptor cannot ask for more memory than there is to give", async () => {
    const { registry, asked } = clientOf(() => json({}));
    expect((await failureOf(registry.getBlob(api, { digest, size: 2 ** 40 }))).message).toContain(
      "1099511627776 bytes",
    );
    expect(asked).toEqual([]);
  });
});

describe("a registry that drips is given up on", () => {
  /** A byte every three seconds, by the test's clock. */
  function drip(of: Uint8Array): {
    fetch: Host["fetch"];
    requests: () => number;
    host: () => ReturnType<typeof makeTestHost>;
  } {
    let requests = 0;
    const host = makeTestHost({
      fetch: (_, init) => {
        requests += 1;
        const range = new Headers(init?.headers).get("range");
        let at = range === null ? 0 : Number(/\d+/.exec(range)?.[0]);
        const body = new ReadableStream<Uint8Array>(
          {
            pull: (controller) => {
              host.advance(3000);
              if (at >= of.length) controller.close();
              else controller.enqueue(of.slice(at, ++at));
            },
          },
          { highWaterMark: 0 },
        );
        return Promise.resolve(new Response(body, { status: range === null ? 200 : 206 }));
      },
    });
    return { fetch: host.fetch, requests: () => requests, host: () => host };
  }

  test("a manifest", async () => {
    const { requests, host } = drip(new Uint8Array(1000).fill(0x20));
    const error = await failureOf(makeRegistry(host(), { tries: 3 }).getManifest(api, "1"));
    expect(error).toMatchObject({ code: "unavailable" });
    expect(error.message).toContain("the answer comes too slowly: it was not whole after 33 s, tried 3 times");
    expect(requests()).toBe(3);
  });

  test("a blob, though each try brings some bytes more", async () => {
    const bytes = new Uint8Array(100_000).fill(7);
    const { requests, host } = drip(bytes);
    const blob = { digest: digestOf(bytes), size: bytes.length };
    const error = await failureOf(makeRegistry(host(), { tries: 3 }).getBlob(api, blob));
    expect(error.message).toContain("too slowly");
    expect(requests()).toBe(3);
  });
});

test("an upload that the registry takes and forgets again is given up on", async () => {
  let chunks = 0;
  const { fetch, methods } = sessions((method) => {
    // Every second chunk fails, and then the registry has nothing.
    if (method !== "PATCH") return 202;
    return (chunks += 1) % 2 === 0 ? 500 : 202;
  });
  const registry = makeRegistry(makeTestHost({ fetch }), { chunkBytes: 10, tries: 4 });
  const error = await failureOf(registry.putBlob(api, new Uint8Array(100)));
  expect(error.message).toContain("500 Internal Server Error, tried 4 times");
  expect(methods.filter((method) => method === "PATCH").length).toBeLessThan(20);
});

/** A registry that has no blob, and one upload session that answers so. */
function sessions(answer: (method: string) => number): { fetch: Host["fetch"]; methods: string[] } {
  const methods: string[] = [];
  const fetch: Host["fetch"] = (_, init) => {
    const method = init?.method ?? "GET";
    methods.push(method);
    const headers = { location: "https://registry.test/v2/shop/api/blobs/uploads/session" };
    return Promise.resolve(new Response(null, { status: method === "HEAD" ? 404 : answer(method), headers }));
  };
  return { fetch, methods };
}

test("an index without end is not copied without end", async () => {
  const memory = makeRegistryInMemory({ validates: false });
  const registry = makeRegistry(makeTestHost({ fetch: memory.fetch }));
  const put = async (
    manifests: readonly unknown[],
  ): Promise<{ mediaType: string; digest: ReturnType<typeof digestOf>; size: number }> => {
    const bytes = new TextEncoder().encode(
      JSON.stringify({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests }),
    );
    const digest = await registry.putManifest(api, digestOf(bytes), { mediaType: mediaType.ociIndex, bytes });
    return { mediaType: mediaType.ociIndex, digest, size: bytes.length };
  };
  let top = await put([]);
  for (let depth = 0; depth < 20; depth += 1) top = await put([top]);
  const error = await failureOf(registry.copyManifestTree(api, top.digest, imageName("registry.test/shop/copy")));
  expect(error.message).toContain("it consists of more than 5000 manifests, or 8 indexes inside each other");
});
