import { expect, test } from "vitest";
import { makeDropInWorld } from "./testing/world.ts";

const image = "reg.test/shop/api";
const push = (...more: readonly string[]): string[] => ["--push", "-t", `${image}:1`, ...more, "."];
const day = 86_400_000;
const onBase = { Dockerfile: "FROM reg.test/os:1\nCOPY a.txt /\n" };

test("reuse that is switched off reads and writes nothing", async () => {
  const world = makeDropInWorld();
  await world.run(push());
  world.memory.clearLog();
  const result = await world.run(push(), { reuse: "off" });
  expect(result).toMatchObject({ kind: "built", because: "reuse is switched off", fingerprint: null });
  expect(world.memory.log.filter(({ reference }) => reference?.startsWith("fp-") === true)).toEqual([]);
});

test("a report builds, and says what it would have reused and whether that is the same", async () => {
  const world = makeDropInWorld();
  const report = { reuse: "report" } as const;
  expect(await world.run(push(), report)).toMatchObject({ kind: "built", wouldReuse: null });
  const { digest } = await world.run(push(), report);
  expect(world.docker.builds).toHaveLength(2);
  expect(await world.run(push(), report)).toMatchObject({
    kind: "built",
    because: "nothing changed since its published image",
    wouldReuse: { digest, isSameContent: true },
  });
  world.docker.plan = () => ({ meanwhile: async () => undefined, holds: "something else" });
  expect(await world.run(push(), report)).toMatchObject({ wouldReuse: { isSameContent: false } });
});

test("an image that is older than refresh is built, and that one counts from then on", async () => {
  const world = makeDropInWorld();
  const refresh = { refresh: 3 * day };
  await world.run(push(), refresh);
  world.advance(2 * day);
  expect((await world.run(push(), refresh)).kind).toBe("reused");
  world.advance(2 * day);
  expect((await world.run(push(), refresh)).because).toMatch(/^built on 2026-01-01, which is more than 3 days ago/);
  world.advance(2 * day);
  expect((await world.run(push(), refresh)).kind).toBe("reused");
});

test("a scheduled run builds, and the next push reuses its image", async () => {
  const world = makeDropInWorld();
  await world.run(push());
  const pushEnv = world.env;
  world.env = { ...pushEnv, GITHUB_EVENT_NAME: "schedule" };
  world.advance(10 * day);
  const nightly = await world.run(push());
  expect(nightly).toMatchObject({ kind: "built", because: "a scheduled run builds, to take up what changed outside" });
  world.env = pushEnv;
  world.advance(25 * day);
  expect(await world.run(push())).toMatchObject({ kind: "reused", digest: nightly.digest });
});

test("a base that moved is followed, or held until something else changes", async () => {
  const world = makeDropInWorld(onBase);
  await world.moveBase("os 1");
  await world.run(push());
  await world.moveBase("os 2");
  const hold = { bases: "hold" } as const;
  expect(await world.run(push(), hold)).toMatchObject({
    kind: "reused",
    because: "nothing changed but its bases, which it holds (reg.test/os:1)",
  });
  expect(await world.run(push())).toMatchObject({ kind: "built", because: "base image moved: reg.test/os:1" });
  await world.moveBase("os 3");
  world.write({ "a.txt": "b" });
  expect(await world.run(push(), hold)).toMatchObject({ kind: "built", because: "changed: base reg.test/os:1, a.txt" });
});

test("each platform holds its own base", async () => {
  const world = makeDropInWorld(onBase);
  await world.moveBase("os 1");
  const both = push("--platform", "linux/amd64,linux/arm64");
  await world.run(both);
  await world.moveBase("os 2");
  expect(await world.run(both, { bases: "hold" })).toMatchObject({
    kind: "reused",
    because: "nothing changed but its bases, which it holds (reg.test/os:1)",
  });
  expect((await world.run(both)).because).toBe("base image moved: reg.test/os:1");
});

test("a stamped arg is no reason to build; one of the run alone is named", async () => {
  const world = makeDropInWorld({ Dockerfile: "FROM scratch\nARG GIT_SHA\nARG MODE\nCOPY a.txt /\n" });
  const at = (sha: string, mode: string): string[] =>
    push("--build-arg", `GIT_SHA=${sha}`, "--build-arg", `MODE=${mode}`);
  const commit = (sha: string): void => void (world.env = { ...world.env, GITHUB_SHA: sha });
  commit("a".repeat(40));
  await world.run(at("a".repeat(40), "x"));
  commit("b".repeat(40));
  expect(await world.run(at("b".repeat(40), "x"))).toMatchObject({
    kind: "built",
    because: "changed: build arg GIT_SHA",
    spoiledBy: ["GIT_SHA"],
  });
  expect(await world.run(at("b".repeat(40), "y"))).toMatchObject({ because: "changed: build arg MODE", spoiledBy: [] });
  const stamp = { stamp: ["GIT_SHA"] };
  await world.run(at("c".repeat(40), "x"), stamp);
  expect((await world.run(at("d".repeat(40), "x"), stamp)).kind).toBe("reused");
});

test("what reuse saved is the time of the build", async () => {
  const world = makeDropInWorld();
  world.docker.plan = () => ({ seconds: 42 });
  await world.run(push());
  expect((await world.run(push())).savedSeconds).toBe(42);
});
