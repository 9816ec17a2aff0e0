import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { emptyConfig, mediaType } from "../model/oci.ts";
import { imageName } from "../testing/image-name.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { makeRegistry } from "./registry.ts";
import { makeRegistryInMemory, type RegistryInMemoryOptions } from "./testing/registry-in-memory.ts";

const name = imageName("registry.test/shop/api");
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const subjectBytes = encode({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [] });

function referrer(artifactType: string) {
  const subject = { mediaType: mediaType.ociIndex, digest: digestOf(subjectBytes), size: subjectBytes.length };
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    artifactType,
    config: emptyConfig.descriptor,
    layers: [],
    subject,
  };
  return { mediaType: mediaType.ociManifest, bytes: encode(manifest) };
}

async function push(options: RegistryInMemoryOptions) {
  const memory = makeRegistryInMemory(options);
  const registry = makeRegistry(makeTestHost({ fetch: memory.fetch }));
  await registry.putBlob(name, emptyConfig.bytes);
  await registry.putManifest(name, "subject", { mediaType: mediaType.ociIndex, bytes: subjectBytes });
  const pushed = referrer("application/vnd.test.one");
  await registry.putManifest(name, digestOf(pushed.bytes), pushed);
  return { memory, registry, digest: digestOf(pushed.bytes) };
}

const fallback = digestOf(subjectBytes).replace(":", "-");

test.each([
  ["lists it", "on", false],
  ["has no list", "off", true],
  ["has an empty list for everything", "empty", true],
  ["says that it knows the subject, and keeps no list", "forgotten", true],
] as const)("a referrer is found in a registry that %s", async (_, referrers, hasFallback) => {
  const { memory, registry, digest } = await push({ referrers });
  const listed = await registry.listReferrers(name, digestOf(subjectBytes), "application/vnd.test.one");
  expect(listed.map((each) => each.digest)).toEqual([digest]);
  expect(fallback in (memory.snapshot()["shop/api"]?.tags ?? {})).toBe(hasFallback);
});

test("an entry of before is found where the registry learned to list and lists others", async () => {
  const { memory, registry, digest } = await push({ referrers: "off" });
  const later = makeRegistry(
    makeTestHost({
      fetch: async (url, init) => {
        if (!url.includes("/referrers/")) return memory.fetch(url, init);
        const { bytes } = referrer("application/vnd.test.two");
        const entry = {
          mediaType: mediaType.ociManifest,
          digest: digestOf(bytes),
          size: bytes.length,
          artifactType: "application/vnd.test.two",
        };
        return new Response(encode({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [entry] }));
      },
    }),
  );
  expect(await registry.listReferrers(name, digestOf(subjectBytes))).toHaveLength(1);
  const [found] = await later.listReferrers(name, digestOf(subjectBytes), "application/vnd.test.one");
  expect(found?.digest).toBe(digest);
});

test("an index of referrers that others keep writing is no success", async () => {
  const memory = makeRegistryInMemory({ referrers: "off" });
  const registry = makeRegistry(
    makeTestHost({
      fetch: async (url, init) => {
        // Another writer's index takes the place of each that is put.
        const isIndex = init?.method === "PUT" && url.endsWith(fallback);
        const answer = await memory.fetch(url, init);
        if (isIndex) memory.setTag("shop/api", fallback, digestOf(subjectBytes));
        return answer;
      },
    }),
  );
  await registry.putBlob(name, emptyConfig.bytes);
  await registry.putManifest(name, "subject", { mediaType: mediaType.ociIndex, bytes: subjectBytes });
  const pushed = referrer("application/vnd.test.one");
  await expect(registry.putManifest(name, digestOf(pushed.bytes), pushed)).rejects.toMatchObject({
    kind: "registry-unavailable",
    message: expect.stringContaining("others keep writing"),
  });
});
