import { describe, expect, test } from "vitest";
import { layers } from "../../index.ts";
import { digestOf } from "../../model/digest.ts";
import type { LayersDocument } from "../../model/layers-document.ts";
import type { TestLayer } from "../../testing/test-image.ts";
import { makeShop, type Shop } from "../testing/shop.ts";

const dockerfile = "FROM reg.test/os:1\nCOPY index.html /\nRUN make\n";
/** The layer of `reg.test/os:1` on this platform. */
const os: TestLayer = { content: `os 1 ${digestOf("linux/amd64")}`, createdBy: "ADD rootfs.tar /" };
const copied: TestLayer = { content: "page", createdBy: "COPY index.html / # buildkit" };

function made(bytes: number): TestLayer {
  return { content: "x".repeat(bytes), createdBy: "RUN |1 A=b /bin/sh -c make # buildkit" };
}

/** A shop with two releases: in the second, the layer of `RUN make` grew from 100 to 350 bytes. */
async function releaseTwice(): Promise<Shop> {
  const world = await makeShop({ "web/Dockerfile": dockerfile });
  let bytes = 100;
  world.docker.plan = ({ service }) => {
    if (service === "web") return { layers: [os, copied, made(bytes)] };
    return service === "base" ? { layers: [os, copied] } : undefined;
  };
  await world.release({ version: "1.0.0" });
  bytes = 350;
  await world.repository.commit({ "web/index.html": "web 2" }, "web: Change");
  await world.release({ version: "1.1.0" });
  return world;
}

function look(world: Shop, options: Parameters<typeof layers>[0] = {}): Promise<LayersDocument> {
  return layers({ ...options, host: world.host() });
}

test("a release's notes say what grew, by instruction, and its step's summary with them", async () => {
  const world = await releaseTwice();
  const again = await world.release({ version: "1.1.0" });
  expect(again.notes).toMatch(
    /\| \*\*web\*\* \| linux\/amd64 \| 1\.\d kB \(\+250 B\) \| 1\.\d kB \| \+250 B `RUN make` \|/,
  );
});

test("a release whose earlier image is gone warns, and has notes without its growth", async () => {
  const world = await releaseTwice();
  const [web] = (await look(world, { services: ["web"], release: "1.0.0" })).images;
  await world.registry().deleteManifest(world.image("web"), web?.image.split("@")[1] ?? "");
  world.forget();
  const again = await world.release({ version: "1.1.0" });
  expect(again.notes).not.toContain("## Size");
  expect(world.events).toContainEqual({
    kind: "warning",
    message: expect.stringMatching(/^how web linux\/amd64 grew is not known: reading the layers of /),
  });
});

describe("slipway layers", () => {
  test("names of each layer its instruction, origin, line and other users, and what is new", async () => {
    const { images, notes, over } = await look(await releaseTwice(), { services: ["web"] });
    const [web] = images;
    expect(
      web?.layers.map(({ size, instruction, origin, place, sharedWith, isNew }) => [
        size,
        instruction,
        origin,
        place,
        sharedWith,
        isNew,
      ]),
    ).toEqual([
      [76, "ADD rootfs.tar /", "base", null, ["base"], false],
      [4, "COPY index.html /", "own", "web/Dockerfile:2", ["base"], false],
      [350, "RUN make", "own", "web/Dockerfile:3", [], true],
    ]);
    expect(web).toMatchObject({
      service: "web",
      release: "1.1.0",
      base: { kind: "image", reference: "reg.test/os:1", layers: 1 },
    });
    expect([notes, over]).toEqual([[], []]);
  });

  test("says what grew since the release before, and what a node must pull", async () => {
    const { images } = await look(await releaseTwice(), { services: ["web"] });
    const [web] = images;
    const config = (web?.size ?? 0) - 76 - 4 - 350;
    expect(web?.growth).toEqual({
      since: "1.0.0",
      bytes: expect.closeTo(250, -1),
      pull: { ofService: 350 + config, ofRelease: 350 + config },
      changes: [{ instruction: "RUN make", origin: "own", before: 100, after: 350 }],
    });
  });

  test("compares with a release that is named, and looks at one that is named", async () => {
    const world = await releaseTwice();
    const same = await look(world, { services: ["web"], diff: "1.1.0" });
    expect(same.images[0]?.growth).toMatchObject({ since: "1.1.0", bytes: 0, changes: [], pull: { ofService: 0 } });
    const first = await look(world, { services: ["web"], release: "1.0.0" });
    expect(first.images[0]).toMatchObject({ release: "1.0.0", growth: null });
    await expect(look(world, { diff: "9.9.9" })).rejects.toThrow('there is no release "9.9.9"');
  });

  test("names what is above the limits, and what cannot be judged", async () => {
    const world = await releaseTwice();
    const limits = { maxSize: 500, maxGrowth: { kind: "percent", percent: 10 } } as const;
    expect((await look(world, { services: ["web"], ...limits })).over).toEqual([
      expect.stringMatching(/^web linux\/amd64 has [\d.]+ kB, more than 500 B$/),
      expect.stringMatching(/^web linux\/amd64 grew by \d+ B since 1\.0\.0, more than 10 %$/),
    ]);
    const first = await look(world, { services: ["web"], release: "1.0.0", ...limits, maxSize: undefined });
    expect(first).toMatchObject({
      over: [],
      notes: ["the growth of web is not judged: there is no release to compare with"],
    });
  });

  test("knows no instruction where the image has no history, and no base where its inputs are gone", async () => {
    const world = await makeShop();
    const { releases } = await world.release({ version: "1.0.0" });
    const web = releases[0]?.manifest.services.find(({ service }) => service === "web");
    const tag = `fp-${web?.platforms[0]?.fingerprint.slice(7, 39) ?? ""}.inputs`;
    const inputs = await world.registry().getManifest(world.image("web"), tag);
    await world.registry().deleteManifest(world.image("web"), inputs?.digest ?? "");
    const { images } = await look(world, { services: ["web"] });
    expect(images[0]?.layers).toMatchObject([{ instruction: null, origin: "unknown", place: null }]);
    expect(images[0]?.base).toEqual({ kind: "unknown", because: "the inputs of the image are not stored beside it" });
  });

  test("says so where a service is in no release", async () => {
    const world = await makeShop();
    expect(await look(world)).toEqual({
      version: 1,
      images: [],
      over: [],
      notes: ["api is in no release", "base is in no release", "web is in no release"],
    });
    await expect(look(world, { services: ["wbe"] })).rejects.toThrow('there is no service "wbe"');
  });

  test("ends with what is missing where a released image is gone", async () => {
    const world = await releaseTwice();
    const [web] = (await look(world, { services: ["web"] })).images;
    await world.registry().deleteManifest(world.image("web"), web?.image.split("@")[1] ?? "");
    await expect(look(world, { services: ["web"] })).rejects.toThrow(
      /reading the layers of reg\.test\/shop\/web@sha256:\w+: the registry has no such image/,
    );
  });
});
