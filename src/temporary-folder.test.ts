import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeTemporaryFolder } from "./temporary-folder.ts";

async function makeParent(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "slipway-test-"));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  return parent;
}

const running = new Set([1, 7]);
const process = (processId: number) => ({ processId, isRunning: (id: number) => running.has(id) });

test("the folders of a killed run are removed by the next one, and those of a running one stay", async () => {
  const parent = await makeParent();
  const killed = await makeTemporaryFolder(process(3), "build", parent);
  await mkdir(join(killed, "inside"));
  await writeFile(join(killed, "inside", "file"), "");
  const beside = await makeTemporaryFolder(process(7), "images", parent);
  const own = await makeTemporaryFolder(process(1), "build", parent);
  expect((await readdir(parent)).map((name) => join(parent, name)).sort()).toEqual([beside, own].sort());
});

test("the Docker configuration of a step that ended stays until the job's end", async () => {
  const parent = await makeParent();
  const ended = await makeTemporaryFolder(process(3), "docker", parent);
  await makeTemporaryFolder(process(1), "build", parent);
  expect(await readdir(parent)).toContain(basename(ended));
});

test("nothing that is not named as a temporary folder of this machine is removed, and no link is followed", async () => {
  const parent = await makeParent();
  const killed = await makeTemporaryFolder(process(3), "build", parent);
  const elsewhere = killed.replace(/slipway-build-[0-9a-f]{8}/, "slipway-build-00000000");
  const link = `${killed.slice(0, -6)}aaaaaa`;
  await Promise.all([mkdir(elsewhere), mkdir(join(parent, "slipway-build-3-abcdef")), symlink(elsewhere, link)]);
  await makeTemporaryFolder(process(1), "build", parent);
  const left = await readdir(parent);
  expect(left).toContain("slipway-build-3-abcdef");
  expect(left.map((name) => join(parent, name))).toContain(elsewhere);
  expect(left.map((name) => join(parent, name))).toContain(link);
});

test("one place makes temporary folders", async () => {
  const source = resolve(import.meta.dirname);
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.split("/").includes("testing"),
  );
  const making = [];
  for (const file of files) {
    if (/\bmkdtemp/.test(await readFile(join(source, file), "utf8"))) making.push(file);
  }
  expect(making).toEqual(["temporary-folder.ts"]);
});
