import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import type { Inputs } from "../model/inputs.ts";
import { attestationAnnotations, type Descriptor, mediaType, type RawManifest } from "../model/oci.ts";
import { parsePlatform } from "../model/platform.ts";
import { makeRawManifest } from "./artifact.ts";
import { checkWhole, findPublished, fingerprintTag, publishImage } from "./published.ts";
import { publishInputs, readPublishedInputs } from "./published-inputs.ts";
import { parseIndex, parseManifest } from "../registry/content.ts";
import { imageSize, makeServiceIndex, platformChildren } from "./service-index.ts";
import {
  type Client,
  makeReleasesWorld,
  platform,
  pushImage,
  tagsOf,
  type ReleasesWorld,
} from "../records/testing/world.ts";
import { imageName } from "../testing/image-name.ts";

const api = imageName("reg.test/shop/api");
const fingerprint = digestOf("the inputs");
const arm = parsePlatform("linux/arm64") ?? platform;

interface Built {
  readonly pushed: RawManifest;
  readonly image: RawManifest;
  readonly attestation: RawManifest;
}

/** Pushes what a build pushes: an index with the image and its provenance. */
async function build({ registry }: Client, content: string): Promise<Built> {
  const image = await pushImage(registry, api, content);
  const attestation = await pushImage(registry, api, `provenance of ${content}`);
  const children: Descriptor[] = [
    {
      ...described(image),
      platform: { architecture: "amd64", os: "linux" },
      annotations: { "org.example.built": "now" },
    },
    {
      ...described(attestation),
      platform: { architecture: "unknown", os: "unknown" },
      annotations: {
        [attestationAnnotations.type]: "attestation-manifest",
        [attestationAnnotations.digest]: image.digest,
      },
    },
  ];
  const pushed = makeRawManifest(indexOf(children));
  await registry.putManifest(api, pushed.digest, pushed);
  return { pushed, image, attestation };
}

function indexOf(manifests: readonly Descriptor[]): {
  schemaVersion: 2;
  mediaType: string;
  manifests: readonly Descriptor[];
} {
  return { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests };
}

function described(raw: RawManifest): Descriptor {
  return { mediaType: raw.mediaType, digest: raw.digest, size: raw.bytes.length };
}

function publication(pushed: RawManifest, commit = "c0ffee"): Parameters<typeof publishImage>[2] {
  return {
    platform,
    fingerprint,
    commit,
    builtAt: "2026-01-02T03:04:05.000Z",
    buildSeconds: 12.345,
    pushed: pushed.digest,
  };
}

async function publishOne(): Promise<{ world: ReleasesWorld; client: Client; built: Built }> {
  const world = makeReleasesWorld();
  const client = world.client();
  const built = await build(client, "one");
  await publishImage(client.registry, api, publication(built.pushed));
  return { world, client, built };
}

test("a published image is found by its fingerprint with one GET: image, attestations, commit, time, size", async () => {
  const { world, client, built } = await publishOne();
  world.memory.clearLog();
  expect(await findPublished(client.registry, { name: api, prefix: "" }, platform, fingerprint)).toEqual({
    kind: "published",
    name: api,
    platform,
    fingerprint,
    digest: built.image.digest,
    builtAt: "2026-01-02T03:04:05.000Z",
    commit: "c0ffee",
    children: [
      expect.objectContaining({ digest: built.image.digest }),
      expect.objectContaining({ digest: built.attestation.digest }),
    ],
    buildSeconds: 12.3,
    size: 2 + "one".length,
  });
  expect(world.memory.log.map(({ method, reference }) => [method, reference])).toEqual([
    ["GET", fingerprintTag(fingerprint)],
  ]);
});

test("nothing is found under a fingerprint that was not published", async () => {
  const { client } = await publishOne();
  expect(await findPublished(client.registry, { name: api, prefix: "" }, platform, digestOf("other"))).toEqual({
    kind: "missing",
    warning: undefined,
  });
});

test("what has the tag but not the whole fingerprint, or another platform, is not found, and that is told", async () => {
  const { world, client } = await publishOne();
  const near = digestOf("other");
  const tag = tagsOf(world.memory, api).get(fingerprintTag(fingerprint));
  if (tag !== undefined) world.memory.setTag("shop/api", fingerprintTag(near), tag);
  for (const [on, wanted] of [[platform, near] as const, [arm, fingerprint] as const]) {
    expect(await findPublished(client.registry, { name: api, prefix: "" }, on, wanted)).toEqual({
      kind: "missing",
      warning: expect.stringContaining(`${api}:${fingerprintTag(wanted)} does not match its tag`),
    });
  }
});

test.each<[string, (built: Built) => RawManifest, RegExp]>([
  ["image", ({ image }) => image, /^image for linux\/amd64 sha256:/],
  ["attestation", ({ attestation }) => attestation, /^attestation sha256:/],
])(
  "a published image whose %s was deleted is not whole, and publishing it again mends it",
  async (_, lost, missing) => {
    const { world, client, built } = await publishOne();
    const found = await findPublished(client.registry, { name: api, prefix: "" }, platform, fingerprint);
    expect(await checkWhole(client.registry, api, found)).toBe(found);
    world.memory.deleteManifest("shop/api", lost(built).digest);
    expect(await checkWhole(client.registry, api, found)).toEqual({
      kind: "not-whole",
      missing: expect.stringMatching(missing),
    });
    const again = await build(client, "two");
    const published = await publishImage(client.registry, api, publication(again.pushed));
    expect(published.digest).toBe(again.image.digest);
  },
);

test("where two runs built the same fingerprint, the first one stays", async () => {
  const { client, built } = await publishOne();
  const second = await build(client, "two");
  const published = await publishImage(client.registry, api, publication(second.pushed, "later"));
  expect([published.digest, published.commit]).toEqual([built.image.digest, "c0ffee"]);
});

test("an image that was pushed without an index is published too", async () => {
  const world = makeReleasesWorld();
  const client = world.client();
  const image = await pushImage(client.registry, api, "plain");
  const published = await publishImage(client.registry, api, publication(image));
  expect(published.children.map(({ digest }) => digest)).toEqual([image.digest]);
});

test("what was pushed for another platform is not published", async () => {
  const { client, built } = await publishOne();
  const wrong = { ...publication(built.pushed), platform: arm, fingerprint: digestOf("arm") };
  await expect(publishImage(client.registry, api, wrong)).rejects.toThrow(/holds no image for linux\/arm64/);
});

test("the index over platforms depends on nothing but its children", async () => {
  const world = makeReleasesWorld();
  const client = world.client();
  const [one, two] = [await build(client, "one"), await build(client, "two")];
  const amd = platformChildren(one.pushed, platform);
  const other = platformChildren(two.pushed, platform);
  if (amd === undefined || other === undefined) throw new Error("no children");
  const attestations = other.children.slice(1);
  const armed = { platform: arm, children: [described(two.image), ...attestations] };
  const index = makeServiceIndex([
    armed,
    {
      ...amd,
      children: amd.children.map((child) => ({
        ...child,
        annotations: { ...child.annotations, "org.example.time": "later" },
      })),
    },
  ]);
  expect(index.digest).toBe(makeServiceIndex([amd, armed]).digest);
  expect(parseIndex(index.bytes)?.manifests.map(({ digest, platform: on }) => [digest, on])).toEqual([
    [one.image.digest, { architecture: "amd64", os: "linux" }],
    [two.image.digest, { architecture: "arm64", os: "linux" }],
    ...[one.attestation.digest, two.attestation.digest]
      .sort()
      .map((digest) => [digest, { architecture: "unknown", os: "unknown" }]),
  ]);
  expect(makeServiceIndex([amd]).digest).not.toBe(one.pushed.digest);
});

test("an image's size is that of its configuration and layers, each once", async () => {
  const world = makeReleasesWorld();
  const manifest = parseManifest((await pushImage(world.client().registry, api, "12345")).bytes);
  if (manifest === undefined) throw new Error("no manifest");
  const [layer] = manifest.layers;
  expect(imageSize({ ...manifest, layers: layer === undefined ? [] : [layer, layer] })).toBe(2 + 5);
});

const inputs: Inputs = {
  service: "api",
  platform,
  fingerprint,
  files: [{ path: "api/a b.ts", mode: "100644", digest: "sha1:00" }],
  args: { A: "1" },
  bases: [{ reference: "node:24-slim", digest: digestOf("node") }],
  contexts: [],
  volatile: null,
  instructions: ["COPY . ."],
  settings: { target: "" },
};

test("what an image was built from is kept beside it and read again", async () => {
  const { world, client } = await publishOne();
  await publishInputs(client.registry, api, inputs);
  expect(await readPublishedInputs(client.registry, api, fingerprint)).toEqual(inputs);
  expect([...tagsOf(world.memory, api).keys()]).toContain(`${fingerprintTag(fingerprint)}.inputs`);
  expect(await readPublishedInputs(client.registry, api, digestOf("other"))).toBeUndefined();
});

test("inputs that are not those of the fingerprint, or no inputs, are not read", async () => {
  const { world, client } = await publishOne();
  await publishInputs(client.registry, api, inputs);
  const tags = tagsOf(world.memory, api);
  const other = digestOf("other");
  const tag = tags.get(`${fingerprintTag(fingerprint)}.inputs`);
  if (tag !== undefined) world.memory.setTag("shop/api", `${fingerprintTag(other)}.inputs`, tag);
  expect(await readPublishedInputs(client.registry, api, other)).toBeUndefined();
  const index = tags.get(fingerprintTag(fingerprint));
  if (index !== undefined) world.memory.setTag("shop/api", `${fingerprintTag(fingerprint)}.inputs`, index);
  expect(await readPublishedInputs(client.registry, api, fingerprint)).toBeUndefined();
});
