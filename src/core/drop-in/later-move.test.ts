import { expect, test } from "vitest";
import { type DropInWorld, makeDropInWorld } from "./testing/world.ts";

const image = "reg.test/shop/api";
const older = "a".repeat(40);
const newer = "b".repeat(40);

/** A run for the newer commit has ended; the next one is an older run for the older commit. */
async function makeSlowRun(status: string): Promise<DropInWorld> {
  const world = makeDropInWorld();
  const run = { ...world.env, GITHUB_SERVER_URL: "https://github.test", GITHUB_API_URL: "https://api.github.test" };
  world.answers["api.github.test"] = (url) =>
    url.endsWith(`/compare/${older}...${newer}?per_page=1`) ? { status } : undefined;
  world.env = { ...run, GITHUB_SHA: newer, GITHUB_RUN_ID: "1000" };
  await world.run(push("latest", "new"));
  world.write({ "a.txt": "as it was before" });
  world.env = { ...run, GITHUB_SHA: older, GITHUB_RUN_ID: "999" };
  world.events.length = 0;
  return world;
}

const push = (...tags: readonly string[]): string[] => [
  "--push",
  ...tags.flatMap((tag) => ["-t", `${image}:${tag}`]),
  ".",
];
const warnings = (world: DropInWorld): string[] =>
  world.events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));

test("a slow older run that ends last says that it moves a tag back", async () => {
  const world = await makeSlowRun("ahead");
  const result = await world.run(push("latest", "old"));
  expect(result.kind).toBe("built");
  expect(world.tags("shop/api")["latest"]).toBe(result.digest);
  expect(warnings(world)).toEqual([
    `${image}:latest: points at the image of a later commit (bbbbbbb) and moves back with this run; \`protect-tags: true\` leaves such tags`,
  ]);
});

test("protected tags stay at the later commit's image, and the others get the older one's", async () => {
  const world = await makeSlowRun("ahead");
  const before = world.tags("shop/api")["latest"];
  const result = await world.run(push("latest", "old"), { protectTags: true });
  expect(result).toMatchObject({ kind: "built", exitCode: 0 });
  expect(world.tags("shop/api")).toMatchObject({ latest: before, old: result.digest });
  expect(warnings(world)).toEqual([`${image}:latest: points at the image of a later commit (bbbbbbb) and stays there`]);
});

test("where every tag is protected nothing is built, and the later image is the result", async () => {
  const world = await makeSlowRun("ahead");
  const result = await world.run(push("latest"), { protectTags: true });
  const { latest } = world.tags("shop/api");
  expect(result).toMatchObject({
    kind: "reused",
    digest: latest,
    because: `${image}:latest stays at the image of a later commit (bbbbbbb)`,
  });
  expect(world.docker.builds).toHaveLength(1);
});

test.each(["behind", "diverged", "identical"])("a commit that is %s is no later one", async (status) => {
  const world = await makeSlowRun(status);
  const result = await world.run(push("latest"), { protectTags: true });
  expect(world.tags("shop/api")["latest"]).toBe(result.digest);
  expect(warnings(world)).toEqual([]);
});

test("reuse for a later commit counts as its move", async () => {
  const world = await makeSlowRun("ahead");
  const [own, theirs] = ["1001", "1002"].map((GITHUB_RUN_ID) => ({ ...world.env, GITHUB_RUN_ID }));
  world.write({ "a.txt": "a" });
  world.env = { ...theirs, GITHUB_SHA: newer };
  expect((await world.run(push("latest"))).kind).toBe("reused");
  world.write({ "a.txt": "as it was before" });
  world.env = { ...own };
  await world.run(push("latest"));
  expect(warnings(world)).toHaveLength(1);
});

test("a run that began later asks nobody", async () => {
  const world = await makeSlowRun("ahead");
  world.answers["api.github.test"] = () => {
    throw new Error("GitHub was asked");
  };
  world.env = { ...world.env, GITHUB_RUN_ID: "1001" };
  await world.run(push("latest"));
  expect(warnings(world)).toEqual([]);
});
