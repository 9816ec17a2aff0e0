import { expect, test } from "vitest";
import { makeDropInWorld, type DropInWorld } from "./testing/world.ts";

const image = "reg.test/shop/api";
const variant = (tag: string, ...more: readonly string[]): string[] => [
  "--push",
  "-t",
  `${image}:${tag}`,
  ...more,
  ".",
];
const lastTags = (world: DropInWorld): string[] =>
  Object.keys(world.tags("shop/api")).filter((tag) => tag.startsWith("fp-last-"));

/** Two variants of one image name: by an arg, by a named context, by a target, by another file. */
const variants: readonly (readonly [name: string, one: readonly string[], two: readonly string[]])[] = [
  ["an arg", ["--build-arg", "V=1"], ["--build-arg", "V=2"]],
  [
    "a named context",
    ["-f", "more.Dockerfile", "--build-context", "more=one"],
    ["-f", "more.Dockerfile", "--build-context", "more=two"],
  ],
  ["a target", ["--target", "first"], ["--target", "second"]],
  ["a file", ["-f", "Dockerfile"], ["-f", "other.Dockerfile"]],
];

const dockerfile = "FROM scratch AS first\nARG V\nCOPY a.txt /\nFROM first AS second\nLABEL v=$V\n";

test.each(variants)("variants by %s that push to one name each say what changed in them", async (_name, one, two) => {
  const world = makeDropInWorld({
    Dockerfile: dockerfile,
    "other.Dockerfile": `${dockerfile}LABEL other=true\n`,
    "more.Dockerfile": "FROM scratch\nCOPY --from=more x /\nCOPY a.txt /\n",
    "one/x": "1",
    "two/x": "2",
  });
  const runs = [variant("one", ...one), variant("two", ...two)];
  for (const argv of runs) await world.run(argv);
  world.write({ "a.txt": "changed" });
  for (const argv of runs) expect((await world.run(argv)).because).toBe("changed: a.txt");
});

test("an arg's new value is what changed, where no variant has had it", async () => {
  const world = makeDropInWorld({ Dockerfile: dockerfile });
  await world.run(variant("1", "--build-arg", "V=1"));
  expect((await world.run(variant("2", "--build-arg", "V=2"))).because).toBe("changed: build arg V");
});

test("an arg that differs in every run, or that nobody declares, adds no tags", async () => {
  const world = makeDropInWorld({ Dockerfile: dockerfile });
  for (const commit of ["a", "b", "c"].map((letter) => letter.repeat(40))) {
    world.env = { ...world.env, GITHUB_SHA: commit };
    await world.run(variant("1", "--build-arg", `V=${commit.slice(0, 7)}`, "--build-arg", `NOBODY=${Math.random()}`));
  }
  expect(lastTags(world)).toHaveLength(1);
});

test("bases are held at those of the same variant", async () => {
  const world = makeDropInWorld({ Dockerfile: "FROM reg.test/os:1\nARG V\nLABEL v=$V\n" });
  const [one, two] = ["1", "2"].map((value) => variant(value, "--build-arg", `V=${value}`)) as [string[], string[]];
  await world.moveBase("first");
  await world.run(one);
  await world.moveBase("second");
  await world.run(two);
  await world.moveBase("third");
  for (const argv of [one, two]) {
    expect(await world.run(argv, { bases: "hold" })).toMatchObject({
      kind: "reused",
      because: expect.stringContaining("reg.test/os:1"),
    });
  }
});

test("a slow older run of one variant is held back, though another variant was pushed last", async () => {
  const world = makeDropInWorld({ Dockerfile: dockerfile });
  const [older, newer] = ["a".repeat(40), "b".repeat(40)];
  const run = { ...world.env, GITHUB_SERVER_URL: "https://github.test", GITHUB_API_URL: "https://api.github.test" };
  world.answers["api.github.test"] = () => ({ status: "ahead" });
  const [one, two] = ["1", "2"].map((value) => variant(value, "--build-arg", `V=${value}`)) as [string[], string[]];
  world.env = { ...run, GITHUB_SHA: newer, GITHUB_RUN_ID: "1000" };
  await world.run(one);
  await world.run(two);
  const before = world.tags("shop/api")["1"];
  world.write({ "a.txt": "as it was before" });
  world.env = { ...run, GITHUB_SHA: older, GITHUB_RUN_ID: "999" };
  const result = await world.run(one, { protectTags: true });
  expect(result.because).toBe(`${image}:1 stays at the image of a later commit (bbbbbbb)`);
  expect(world.tags("shop/api")["1"]).toBe(before);
});
