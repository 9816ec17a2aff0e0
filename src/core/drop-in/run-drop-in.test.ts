import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeDropInWorld } from "./testing/world.ts";

const pushed = ["--push", "-t", "reg.test/shop/api:1", "."];

test("buildx gets the caller's arguments as they are, and a metadata file where the caller asks for none", async () => {
  const world = makeDropInWorld();
  const result = await world.run(["--teleport", ...pushed]);
  expect(world.docker.builds[0]?.args).toEqual([
    "build",
    "--metadata-file",
    expect.any(String),
    "--teleport",
    ...pushed,
  ]);
  expect(result).toMatchObject({ kind: "built", exitCode: 0, because: "--teleport: Slipway does not know this flag" });
  expect(world.tags("shop/api")["1"]).toBe(result.digest);
});

test("the caller's own metadata file and image id are buildx's", async () => {
  const world = makeDropInWorld();
  const result = await world.run(["--metadata-file", "m.json", "--iidfile", "id.txt", ...pushed]);
  const written = JSON.parse(readFileSync(join(world.folder, "m.json"), "utf8"));
  expect(written).toEqual(result.metadata);
  expect(readFileSync(join(world.folder, "id.txt"), "utf8")).toBe(result.imageId);
});

test("a build that fails ends with buildx's exit code, after one try", async () => {
  const world = makeDropInWorld();
  world.docker.plan = () => ({
    fail: ['ERROR: failed to solve: process "/bin/sh -c false" did not complete: exit code: 1'],
  });
  expect(await world.run(pushed)).toMatchObject({ kind: "built", exitCode: 1, digest: undefined });
  expect(world.docker.builds).toHaveLength(1);
});

test("the second build of the same files is the first one's image, under the second one's tags", async () => {
  const world = makeDropInWorld();
  const first = await world.run(pushed);
  expect(first).toMatchObject({ kind: "built", because: "no image of these inputs has been published yet" });
  const second = await world.run(["--push", "-t", "reg.test/shop/api:2", "--metadata-file", "m.json", "."]);
  expect(second).toMatchObject({
    kind: "reused",
    digest: first.digest,
    imageId: first.imageId,
    fingerprint: first.fingerprint,
  });
  expect(world.docker.builds).toHaveLength(1);
  expect(world.tags("shop/api")).toMatchObject({ "1": first.digest, "2": first.digest });
  const { "buildx.build.ref": _ref, ...said } = first.metadata;
  expect(JSON.parse(readFileSync(join(world.folder, "m.json"), "utf8"))).toEqual({
    ...said,
    "image.name": "reg.test/shop/api:2",
  });
});

test("a changed file builds, and is named", async () => {
  const world = makeDropInWorld();
  await world.run(pushed);
  world.write({ "a.txt": "b" });
  expect(await world.run(pushed)).toMatchObject({ kind: "built", because: "changed: a.txt" });
  expect(world.docker.builds).toHaveLength(2);
});
