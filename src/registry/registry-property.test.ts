import { setImmediate } from "node:timers/promises";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFetch } from "../http/fetch.ts";
import { type Digest, digestOf } from "../model/digest.ts";
import { type Index, type Manifest, emptyConfig, mediaType } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { makeRegistry } from "./registry.ts";
import {
  type InjectedFault,
  type RegistryInMemory,
  dockerRegistryAbilities,
  joinFetches,
  makeRegistryInMemory,
} from "./testing/registry-in-memory.ts";
import { imageName } from "../testing/image-name.ts";

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const timeouts = { answerMs: 15, stallMs: 15 };

/** Everything that may pass, so that whatever comes of it must be right. */
const passingFault: fc.Arbitrary<InjectedFault> = fc.oneof(
  fc.constant<InjectedFault>({ kind: "rate-limit" }),
  fc.constant<InjectedFault>({ kind: "ghcr-rate-limit" }),
  fc.constant<InjectedFault>({ kind: "no-digest-header" }),
  fc.constantFrom(500, 502, 503, 408).map((status): InjectedFault => ({ kind: "status", status })),
  fc.constantFrom("before", "after").map((when): InjectedFault => ({ kind: "reset", when })),
  fc.nat(3000).map((afterBytes): InjectedFault => ({ kind: "reset-in-body", afterBytes })),
);

/** A fault now and then; fewer than there are tries. */
const faultSequence = fc.array(fc.option(passingFault, { freq: 2, nil: undefined }), { minLength: 1, maxLength: 60 });

function layerOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 13 + size) & 255);
}

test("whatever passes on the way, an image of any shape arrives whole at another registry", async () => {
  const shape = fc.array(fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 3 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(shape, faultSequence, fc.boolean(), async (children, faults, isLikeDocker) => {
      const source = makeRegistryInMemory();
      const target = makeRegistryInMemory(isLikeDocker ? dockerRegistryAbilities : { mounts: false });
      const hosts = { "source.test": source, "target.test": target };
      const host = makeTestHost({ fetch: joinFetches(hosts) });
      const registry = makeRegistry(host, { chunkBytes: 1000, timeouts, tries: 100 });
      const [from, to] = [imageName("source.test/shop/api"), imageName("target.test/shop/copy")];
      const digest = await pushTree(registry, from, children);
      let at = 0;
      const rule = (): InjectedFault | undefined => faults[at++];
      source.setFaults(rule);
      target.setFaults(rule);
      const copied = await registry.copyManifestTree(from, digest, to);
      await registry.putManifest(to, "1.0.0", copied);
      const { manifests, blobs, tags } = target.snapshot()["shop/copy"] ?? {};
      expect(manifests).toEqual(source.snapshot()["shop/api"]?.manifests);
      expect(blobs).toEqual(source.snapshot()["shop/api"]?.blobs);
      expect(tags).toEqual({ "1.0.0": digest });
    }),
    { numRuns: 150 },
  );
});

async function pushTree(
  registry: ReturnType<typeof makeRegistry>,
  name: ImageName,
  children: readonly (readonly number[])[],
): Promise<ReturnType<typeof digestOf>> {
  await registry.putBlob(name, emptyConfig.bytes);
  const manifests = await Promise.all(
    children.map(async (sizes, index) => {
      const layers = await Promise.all(
        sizes.map(async (size) => ({ mediaType: "layer", ...(await registry.putBlob(name, layerOf(size))) })),
      );
      const child: Manifest = {
        schemaVersion: 2,
        mediaType: mediaType.ociManifest,
        config: emptyConfig.descriptor,
        layers,
        annotations: { index: String(index) },
      };
      const bytes = encode(child);
      const digest = await registry.putManifest(name, digestOf(bytes), { mediaType: child.mediaType, bytes });
      return { mediaType: child.mediaType, digest, size: bytes.length };
    }),
  );
  const index: Index = { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests };
  const bytes = encode(index);
  return registry.putManifest(name, digestOf(bytes), { mediaType: mediaType.ociIndex, bytes });
}

const subjectBytes = encode({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [] });

function referrerOf(digest: Digest, index: number): { readonly mediaType: string; readonly bytes: Uint8Array } {
  const bytes = encode({
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    artifactType: `type-${index}`,
    config: emptyConfig.descriptor,
    layers: [],
    subject: { mediaType: mediaType.ociIndex, digest, size: subjectBytes.length },
  });
  return { mediaType: mediaType.ociManifest, bytes };
}

test("two programs that list referrers in the fallback index at once lose none of them for good", async () => {
  const memory = makeRegistryInMemory({ referrers: "off" });
  const name = imageName("registry.test/shop/api");
  const programs = [1, 2].map((seed) => makeRegistry(makeTestHost({ fetch: memory.fetch, seed })));
  const [one] = programs;
  await one?.putBlob(name, emptyConfig.bytes);
  const digest = await one?.putManifest(name, "subject", { mediaType: mediaType.ociIndex, bytes: subjectBytes });
  if (digest === undefined) throw new Error("nothing was pushed");
  const pushed = await Promise.all(
    programs.map((program, index) => {
      const referrer = referrerOf(digest, index);
      return program.putManifest(name, digestOf(referrer.bytes), referrer);
    }),
  );
  const listed = await one?.listReferrers(name, digest);
  expect(listed?.map((entry) => entry.digest).toSorted()).toEqual(pushed.toSorted());
});

test("what refers to one manifest is put one after another, whether the registry lists referrers or not", async () => {
  for (const referrers of ["on", "off"] as const) {
    const memory = makeRegistryInMemory({ referrers });
    const name = imageName("registry.test/shop/api");
    let putting = 0;
    let most = 0;
    const registry = makeRegistry(
      makeTestHost({
        fetch: async (...request) => {
          const isPut = request[1]?.method === "PUT";
          if (isPut) most = Math.max(most, ++putting);
          try {
            await setImmediate();
            return await memory.fetch(...request);
          } finally {
            if (isPut) putting--;
          }
        },
      }),
    );
    await registry.putBlob(name, emptyConfig.bytes);
    const digest = await registry.putManifest(name, "subject", { mediaType: mediaType.ociIndex, bytes: subjectBytes });
    const pushed = await Promise.all(
      [1, 2, 3].map((index) => {
        const referrer = referrerOf(digest, index);
        return registry.putManifest(name, digestOf(referrer.bytes), referrer);
      }),
    );
    expect(most, referrers).toBe(1);
    expect((await registry.listReferrers(name, digest)).map((entry) => entry.digest).toSorted()).toEqual(
      pushed.toSorted(),
    );
  }
});

describe("over a real socket", () => {
  const memory = makeRegistryInMemory();
  let server: Awaited<ReturnType<RegistryInMemory["listen"]>>;
  beforeAll(async () => {
    server = await memory.listen();
  });
  afterAll(() => server.close());

  const faults: Readonly<Record<string, InjectedFault>> = {
    "a reset before the answer": { kind: "reset", when: "before" },
    "a reset after the deed": { kind: "reset", when: "after" },
    "a reset in the middle of the body": { kind: "reset-in-body", afterBytes: 700 },
    "no answer": { kind: "hang", when: "before" },
    "a body that stands still": { kind: "stall-in-body", afterBytes: 700 },
    "429 with Retry-After": { kind: "rate-limit", retryAfter: "1" },
  };
  test.each(Object.entries(faults))("%s changes nothing about what is read and written", async (title, fault) => {
    const name = imageName(`${server.host}/real/api`);
    const host = makeTestHost({ fetch: makeFetch({}) });
    const registry = makeRegistry(host, { chunkBytes: 1000, timeouts: { answerMs: 150, stallMs: 150 } });
    const seen = new Set<string>();
    // Once for each kind of request.
    memory.setFaults((request) => {
      const key = `${request.method} ${request.kind}`;
      if (seen.has(key)) return undefined;
      seen.add(key);
      return fault;
    });
    const layer = layerOf(2500 + seen.size);
    const stored = await registry.putBlob(name, layer);
    expect(Buffer.from(await registry.getBlob(name, stored)).equals(layer)).toBe(true);
    const bytes = encode({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [], annotations: { title } });
    const digest = await registry.putManifest(name, "1", { mediaType: mediaType.ociIndex, bytes });
    expect((await registry.getManifest(name, "1"))?.digest).toBe(digest);
    expect(await registry.listTags(name)).toEqual(["1"]);
    // Where a fault takes a kept connection with it, what only reads is sent again at once, and nobody waits.
    expect(seen.size).toBeGreaterThan(3);
    memory.deleteManifest("real/api", digest);
    memory.setFaults(undefined);
  });
});
