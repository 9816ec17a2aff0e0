import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startGitHub } from "../../sandbox/index.ts";
import { makeDropInWorld } from "../../src/core/drop-in/testing/world.ts";
import { makeTestRepository } from "../../src/source/testing/repository.ts";

test("a git context without a checkout is fetched at its commit, and what was fetched is removed", async () => {
  const repository = await makeTestRepository({ Dockerfile: "FROM scratch\nCOPY a.txt /\n", "a.txt": "a" });
  const github = await startGitHub({ repository: "acme/shop", git: repository.root });
  const folder = mkdtempSync(join(tmpdir(), "slipway-no-checkout-"));
  onTestFinished(async () => {
    await github.close();
    await repository.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  const world = makeDropInWorld({}, { root: folder, host: repository.host });
  const argv = ["--push", "-t", "reg.test/shop/api:1", `${github.serverUrl}/acme/shop.git#main`];
  expect(await world.run(argv)).toMatchObject({
    kind: "built",
    because: "no image of these inputs has been published yet",
  });
  await repository.commit({ "README.md": "more" });
  expect(await world.run(argv)).toMatchObject({ kind: "reused" });
  await repository.commit({ "a.txt": "b" });
  expect(await world.run(argv)).toMatchObject({ kind: "built", because: "changed: a.txt" });
  expect(readdirSync(folder)).toEqual([]);
});
