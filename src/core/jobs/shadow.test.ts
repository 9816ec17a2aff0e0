import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { digestOf } from "../../model/digest.ts";
import { mediaType } from "../../model/oci.ts";
import { makeRawManifest } from "../../images/artifact.ts";
import { compareWithTags, shadowOfPart, shadowOfPlan } from "./shadow.ts";
import { makeJobs } from "../testing/jobs.ts";
import { makeShop, type Shop } from "../testing/shop.ts";
import { openWorkspace } from "../workspace/workspace.ts";

/** Archives one file, as a layer. */
function layerOf(content: string, time: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "slipway-shadow-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "app.txt"), content);
  return new Uint8Array(execFileSync("tar", ["-C", folder, `--mtime=${time}`, "-cf", "-", "app.txt"]));
}

interface Built {
  readonly content: string;
  readonly time: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Pushes an image as another tool would, with Docker's own media types. */
async function pushAs(world: Shop, tag: string, { content, time, config }: Built): Promise<string> {
  const [registry, name] = [world.registry(), world.image("web")];
  const tar = layerOf(content, time);
  const layer = await registry.putBlob(name, new Uint8Array(gzipSync(tar)));
  const described = {
    os: "linux",
    architecture: "amd64",
    config: { Labels: { built: time }, ...config },
    rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
    history: [{ created_by: "ENV A=1", empty_layer: true }, { created_by: "COPY app.txt / # buildkit" }],
  };
  const stored = await registry.putBlob(name, new TextEncoder().encode(JSON.stringify(described)));
  const raw = makeRawManifest({
    schemaVersion: 2,
    mediaType: mediaType.dockerManifest,
    config: { mediaType: "application/vnd.docker.container.image.v1+json", ...stored },
    layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip", ...layer }],
  } as { mediaType: string });
  await registry.putManifest(name, tag, raw);
  return `${name}@${raw.digest}`;
}

async function compare(world: Shop, image: string | null) {
  const workspace = await openWorkspace(world.host(), {}, () => undefined);
  const [platform] = workspace.project.services[2]?.platforms ?? [];
  if (platform === undefined) throw new Error("web has a platform");
  const { images } = await compareWithTags(workspace, [{ service: "web", platform, outcome: "built", image }]);
  return images[0];
}

const same = { content: "one", time: "2026-01-01", config: { Env: ["A=1"], User: "" } };

test("an image that differs in times and labels alone is the same", async () => {
  const world = await makeShop();
  const ours = await pushAs(world, "ours", same);
  await pushAs(world, "main", { ...same, time: "2025-06-01", config: { Env: ["A=1"], Volumes: null } });
  expect(await compare(world, ours)).toMatchObject({
    state: "same",
    ours,
    theirs: { reference: "reg.test/shop/web:main" },
    differences: [],
  });
});

test("what differs is named: the paths of a layer, the keys of the configuration", async () => {
  const world = await makeShop();
  const ours = await pushAs(world, "ours", same);
  await pushAs(world, "latest", { content: "two", time: "2026-01-01", config: { Env: ["A=2"] } });
  expect(await compare(world, ours)).toMatchObject({
    state: "differs",
    theirs: { reference: "reg.test/shop/web:latest" },
    differences: [
      { what: "config", name: "Env", detail: '["A=2"] there, ["A=1"] here' },
      { what: "layer", name: "COPY app.txt /", detail: "app.txt" },
    ],
  });
});

test("the tag of the commit itself goes before those that move", async () => {
  const world = await makeShop();
  const ours = await pushAs(world, "ours", same);
  await pushAs(world, "main", { ...same, content: "older" });
  const commit = await world.repository.git("rev-parse", "HEAD");
  await pushAs(world, `sha-${commit.slice(0, 7)}`, same);
  expect(await compare(world, ours)).toMatchObject({
    state: "same",
    theirs: { reference: expect.stringMatching(/:sha-/) },
  });
});

test("without a tag, or an image, nothing is said of the content", async () => {
  const world = await makeShop();
  const ours = await pushAs(world, "ours", same);
  expect(await compare(world, ours)).toMatchObject({
    state: "unknown",
    because: expect.stringMatching(/^none of its tags is there: sha-[0-9a-f]{7}, main, latest$/),
  });
  expect(await compare(world, null)).toMatchObject({ state: "unknown", ours: null, theirs: null });
});

test("a run beside another workflow moves no tag, and says of each image whether it was needless", async () => {
  const world = await makeShop();
  await world.build();
  await world.repository.commit({ "web/index.html": "web 2" });
  const before = world.memory.snapshot();
  const jobs = makeJobs(world);
  const runPlan = await jobs.plan({ releases: false });
  const parts = await jobs.buildAll(runPlan);
  const workspace = await openWorkspace(world.host(), {}, () => undefined);
  const report = await compareWithTags(workspace, [...shadowOfPlan(runPlan), ...parts.flatMap(shadowOfPart)]);
  expect(report.images.map(({ service, outcome, state }) => `${service} ${outcome} ${state}`)).toEqual([
    "base reused unknown",
    "api reused unknown",
    "web built unknown",
  ]);
  for (const [name, { tags }] of Object.entries(world.memory.snapshot())) {
    const added = Object.keys(tags).filter((tag) => before[name]?.tags[tag] !== tags[tag]);
    expect(added.filter((tag) => !/^(?:fp|build)-/.test(tag))).toEqual([]);
  }
});
