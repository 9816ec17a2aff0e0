import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { rewriteBuildMemory } from "./build-memory.ts";

const originalOf = (path: string): string => path.replace(/^\/stage\//, "/work/");

async function remembered(state: string, reference: unknown): Promise<string> {
  const config = await mkdtemp(join(tmpdir(), "slipway-buildx-"));
  onTestFinished(() => rm(config, { recursive: true }));
  await mkdir(join(config, "refs/default/default"), { recursive: true });
  const file = join(config, "refs/default/default/abc");
  await writeFile(file, state);
  await rewriteBuildMemory({ env: { BUILDX_CONFIG: config } }, { "buildx.build.ref": reference }, originalOf);
  return readFile(file, "utf8");
}

test("buildx's memory of a staged build names the caller's paths, and keeps the rest", async () => {
  const state = { Target: "default", LocalPath: "/stage/app", DockerfilePath: "/stage/app/Dockerfile", GroupRef: "" };
  expect(JSON.parse(await remembered(JSON.stringify(state), "default/default/abc"))).toEqual({
    ...state,
    LocalPath: "/work/app",
    DockerfilePath: "/work/app/Dockerfile",
  });
});

test.each([
  ["is not JSON", "?", "default/default/abc"],
  ["belongs to another build", '{"LocalPath":"/stage/app"}', "default/default/abd"],
  ["would be outside of buildx's folder", '{"LocalPath":"/stage/app"}', "default/../default/abc"],
  ["is of a build without a reference", '{"LocalPath":"/stage/app"}', undefined],
])("a file that %s stays as it is", async (_, state, reference) => {
  expect(await remembered(state, reference)).toBe(state);
});
