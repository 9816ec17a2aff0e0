import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { readBakeDefinition, readBakeTarget } from "../../../invocation/bake-target.ts";
import { defaultDropInOptions, type DropInOptions } from "../request.ts";
import { type DropInWorld, makeDropInWorld } from "../testing/world.ts";
import type { BakePart, BakeResults, CallersBake } from "./bake-request.ts";
import { runDropInBake } from "./run-drop-in-bake.ts";

interface World extends DropInWorld {
  readonly parts: BakePart[];
  bake(targets: Targets, options?: Partial<DropInOptions>): Promise<BakeResults>;
}

type Targets = Readonly<Record<string, object>>;

const files = {
  "base/Dockerfile": "FROM scratch\nCOPY base.txt /\n",
  "base/base.txt": "base 1",
  "app/Dockerfile": "FROM base\nCOPY app.txt /\n",
  "app/app.txt": "app 1",
  "db/Dockerfile": "FROM scratch\nCOPY db.txt /\n",
  "db/db.txt": "db 1",
};
const pushed = (name: string, more: object = {}): object => ({
  context: name,
  dockerfile: "Dockerfile",
  tags: [`reg.test/shop/${name}:1`],
  output: [{ type: "registry" }],
  ...more,
});
const targets: Targets = {
  app: pushed("app", { contexts: { base: "target:base" } }),
  base: pushed("base"),
  db: pushed("db"),
};

/** Bakes by the fake buildx, a build for each target, with links as bake resolves them. */
function makeWorld(): World {
  const world = makeDropInWorld(files);
  const parts: BakePart[] = [];
  const bake: World["bake"] = async (asked, options = {}) => {
    const definition = readBakeDefinition({ group: { default: { targets: Object.keys(asked) } }, target: asked });
    if (definition === undefined) throw new Error("no definition");
    const context = world.open();
    const runBake = async (part: BakePart): Promise<CallersBake> => {
      parts.push(part);
      const metadata: Record<string, Record<string, unknown>> = {};
      for (const name of part.targets) {
        const { argv } = readBakeTarget(name, definition.targets[name] ?? {}, undefined);
        const file = `${world.folder}/${name}.json`;
        const ended = await context.runBuild(["build", "--metadata-file", file, ...argv], {
          cwd: world.folder,
          env: {},
        });
        if (ended.exitCode !== 0) return { ...ended, metadata: {} };
        metadata[name] = JSON.parse(await readFile(file, "utf8"));
      }
      return { exitCode: 0, stderrLines: [], metadata };
    };
    return runDropInBake(
      { ...context, runBake },
      {
        definition,
        remote: undefined,
        builder: undefined,
        cwd: world.folder,
        options: { ...defaultDropInOptions, ...options },
      },
    );
  };
  return Object.assign(world, { parts, bake });
}

const kinds = (results: BakeResults): Record<string, string> =>
  Object.fromEntries([...results].map(([name, { kind }]) => [name, kind]));

test("what nothing is published of is baked at once, with the caller's own arguments", async () => {
  const world = makeWorld();
  expect(kinds(await world.bake(targets))).toEqual({ base: "built", app: "built", db: "built" });
  expect(world.parts).toEqual([{ targets: ["app", "base", "db"], overrides: [], isWhole: true }]);
});

test("a second bake of the same builds nothing, and linked targets count by the digest of what they link to", async () => {
  const world = makeWorld();
  const first = await world.bake(targets);
  const second = await world.bake(targets);
  expect(kinds(second)).toEqual({ base: "reused", app: "reused", db: "reused" });
  for (const [name, { digest, fingerprint }] of second) expect(first.get(name)).toMatchObject({ digest, fingerprint });
  expect(world.parts).toHaveLength(1);
});

test("a target that changed is baked alone, and gets what it links to by digest", async () => {
  const world = makeWorld();
  const first = await world.bake(targets);
  world.write({ "app/app.txt": "app 2" });
  expect(kinds(await world.bake(targets))).toEqual({ base: "reused", app: "built", db: "reused" });
  const image = `reg.test/shop/base@${first.get("base")?.digest}`;
  expect(world.parts[1]).toEqual({
    targets: ["app"],
    overrides: [`app.contexts.base=docker-image://${image}`],
    isWhole: false,
  });
  expect(kinds(await world.bake(targets))).toEqual({ base: "reused", app: "reused", db: "reused" });
});

test("a target is baked with one that it links to and that changed, and is recorded with its new digest", async () => {
  const world = makeWorld();
  await world.bake(targets);
  world.write({ "base/base.txt": "base 2" });
  expect(kinds(await world.bake(targets))).toEqual({ base: "built", app: "built", db: "reused" });
  expect(world.parts[1]).toEqual({ targets: ["app", "base"], overrides: [], isWhole: false });
  expect(kinds(await world.bake(targets))).toEqual({ base: "reused", app: "reused", db: "reused" });
});

test("a target that links to one which is published nowhere is baked each time, and says so", async () => {
  const world = makeWorld();
  const linked = { ...targets, base: { context: "base", dockerfile: "Dockerfile", output: [{ type: "cacheonly" }] } };
  await world.bake(linked);
  const again = await world.bake(linked);
  expect(kinds(again)).toEqual({ base: "built", app: "built", db: "reused" });
  expect(again.get("app")?.because).toBe('it links to the target "base", which is published nowhere');
});

test("what no arguments of a build say is left to bake, and its metadata is bake's", async () => {
  const world = makeWorld();
  const inline = { db: pushed("db", { "dockerfile-inline": "FROM scratch" }) };
  await world.bake(inline);
  const again = await world.bake(inline);
  expect(again.get("db")).toMatchObject({ kind: "built", because: "dockerfile-inline: Slipway leaves this to bake" });
  expect(again.get("db")?.metadata["containerimage.digest"]).toMatch(/^sha256:/);
});

test("a bake that fails fails every target that is in it, and nothing is recorded", async () => {
  const world = makeWorld();
  await world.bake({ db: pushed("db") });
  world.docker.plan = () => ({ fail: ["ERROR: boom"] });
  const failed = await world.bake(targets);
  expect([...failed].map(([name, { exitCode }]) => [name, exitCode])).toEqual([
    ["base", 1],
    ["app", 1],
    ["db", 0],
  ]);
  expect(world.parts).toHaveLength(2);
  world.docker.plan = undefined;
  expect(kinds(await world.bake(targets))).toEqual({ base: "built", app: "built", db: "reused" });
});

test("a bake that cannot be run ends the targets that wait for it", async () => {
  const world = makeWorld();
  world.docker.plan = () => {
    throw new Error("docker is gone");
  };
  await expect(world.bake(targets)).rejects.toThrow("docker is gone");
});

test("a report bakes everything", async () => {
  const world = makeWorld();
  await world.bake(targets);
  const report = await world.bake(targets, { reuse: "report" });
  expect(kinds(report)).toEqual({ base: "built", app: "built", db: "built" });
  expect(report.get("db")?.wouldReuse).toMatchObject({ isSameContent: true });
});

test("a tag of a later commit's image stays there under protect-tags, and the target's other tags get the older one's", async () => {
  const world = makeWorld();
  const [older, newer] = ["a".repeat(40), "b".repeat(40)];
  const run = { ...world.env, GITHUB_SERVER_URL: "https://github.test", GITHUB_API_URL: "https://api.github.test" };
  world.answers["api.github.test"] = (url) =>
    url.endsWith(`/compare/${older}...${newer}?per_page=1`) ? { status: "ahead" } : undefined;
  const db = (...tags: readonly string[]): Targets => ({
    db: pushed("db", { tags: tags.map((tag) => `reg.test/shop/db:${tag}`) }),
  });
  world.env = { ...run, GITHUB_SHA: newer, GITHUB_RUN_ID: "1000" };
  await world.bake(db("latest"));
  world.write({ "db/db.txt": "as it was before" });
  world.env = { ...run, GITHUB_SHA: older, GITHUB_RUN_ID: "999" };
  await world.bake(db("latest", "old"), { protectTags: true });
  expect(world.parts.at(-1)).toMatchObject({ targets: ["db"], overrides: ["db.tags=reg.test/shop/db:old"] });
});

test("buildx is asked for the builder once, however many targets there are", async () => {
  const world = makeWorld();
  await world.bake(targets);
  expect(world.docker.calls.filter(({ args }) => args[1] === "inspect")).toHaveLength(1);
});
