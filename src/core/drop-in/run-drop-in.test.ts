import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeDropInWorld } from "./testing/world.ts";

const pushed = ["--push", "-t", "reg.test/shop/api:1", "."];

test("buildx gets the caller's arguments as they are, and a metadata file where the caller asks for none", async () => {
  const world = await makeDropInWorld();
  const result = await world.run(["--teleport", ...pushed]);
  expect(world.builds[0]?.args).toEqual(["build", "--metadata-file", expect.any(String), "--teleport", ...pushed]);
  expect(result).toMatchObject({ kind: "built", exitCode: 0, because: "--teleport: Slipway does not know this flag" });
  expect(world.tags("shop/api")["1"]).toBe(result.digest);
});

test("the caller's own metadata file and image id are buildx's", async () => {
  const world = await makeDropInWorld();
  const result = await world.run(["--metadata-file", "m.json", "--iidfile", "id.txt", ...pushed]);
  const written = JSON.parse(readFileSync(join(world.repository.root, "m.json"), "utf8"));
  expect(written).toEqual(result.metadata);
  expect(readFileSync(join(world.repository.root, "id.txt"), "utf8")).toBe(result.imageId);
});

test("a build that fails ends with buildx's exit code, after one try", async () => {
  const world = await makeDropInWorld();
  world.plan = () => ({ fail: ['ERROR: failed to solve: process "/bin/sh -c false" did not complete: exit code: 1'] });
  expect(await world.run(pushed)).toMatchObject({ kind: "built", exitCode: 1, digest: undefined });
  expect(world.builds).toHaveLength(1);
});
