import { expect, test } from "vitest";
import { type Digest, digestOf } from "../../model/digest.ts";
import { testPlatform } from "../../testing/test-image.ts";
import { makeWorld, type World } from "../../testing/world.ts";
import { makePinBook } from "./pins.ts";

const amd64 = testPlatform("linux/amd64");
const os = "reg.test/os:1";

async function makeBases(): Promise<World> {
  const world = makeWorld();
  await world.moveBase("os 1");
  return world;
}

function open(world: World, pinned?: Parameters<typeof makePinBook>[1]): ReturnType<typeof makePinBook> {
  return makePinBook({ host: world.host(), emit: (event) => world.emit(event), registry: world.registry() }, pinned);
}

function osOf(world: World): Digest {
  return world.tags("os")["1"] ?? expect.unreachable("there is no base");
}

test("a base is looked up once, and a tag that moves meanwhile changes nothing", async () => {
  const world = await makeBases();
  const before = osOf(world);
  const book = open(world);
  const first = await book.base(os, amd64);
  await world.moveBase("os 2");
  world.forget();
  expect(await book.base(os, amd64)).toBe(first);
  expect(world.memory.log).toEqual([]);
  expect(await book.pins()).toEqual({ images: [{ reference: os, platform: amd64, digest: before }], git: [] });
});

test("the pins of the run's plan take precedence over what a tag is now", async () => {
  const world = await makeBases();
  const digest = osOf(world);
  await world.moveBase("os 2");
  const pinned = { images: [{ reference: os, platform: amd64, digest }], git: [] };
  expect(await open(world, pinned).base(os, amd64)).toMatchObject({ pin: `reg.test/os@${digest}` });
  expect(world.events).toEqual([]);
});

test("a pinned digest that is gone is replaced by the current one, with a warning", async () => {
  const world = await makeBases();
  const gone = digestOf("gone");
  const pinned = { images: [{ reference: os, platform: amd64, digest: gone }], git: [] };
  expect(await open(world, pinned).base(os, amd64)).toMatchObject({ pin: `reg.test/os@${osOf(world)}` });
  expect(world.events).toEqual([
    {
      kind: "warning",
      message: `${os} was ${gone} when this run was planned, which is gone: its current digest is used`,
    },
  ]);
});

test("a reference by digest needs no pin", async () => {
  const world = await makeBases();
  const book = open(world);
  await book.base(`reg.test/os@${osOf(world)}`, amd64);
  expect(await book.pins()).toEqual({ images: [], git: [] });
});

test("the commit of a git context is the plan's, whatever password its address has", async () => {
  const commit = "c0ffee0000000000000000000000000000000000";
  const url = "https://git.test/acme/shop.git#main";
  const book = open(makeWorld(), { images: [], git: [{ url, commit }] });
  expect(await book.gitCommit("https://ada:s3cret@git.test/acme/shop.git#main")).toBe(commit);
  expect(await book.pins()).toEqual({ images: [], git: [{ url, commit }] });
});
