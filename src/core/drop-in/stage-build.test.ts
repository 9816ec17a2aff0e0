import { chmodSync, existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderInputsOf, newFolder } from "../../inputs/testing/folder.ts";
import { stageBuild } from "./stage-build.ts";

test("folders that nobody may write to are staged with their modes, and are removed with the rest", async () => {
  const folder = await newFolder({ Dockerfile: "FROM scratch\nCOPY . /x\n", "go/mod/cache/a": "a" });
  for (const path of ["go/mod/cache", "go/mod", "go"]) chmodSync(join(folder.root, path), 0o555);
  const { tree, contexts } = await folderInputsOf(folder);
  const places = { context: tree.context, dockerfile: tree.dockerfile, contexts: {} };
  const request = { argv: ["."], cwd: folder.root };
  const files = { tree, places, reopen: () => expect.unreachable("it is staged as it was read") };
  const staged = (await stageBuild(folder.host, request, { files }, contexts)) ?? expect.unreachable();
  expect(lstatSync(join(staged.cwd, "go/mod/cache")).mode & 0o777).toBe(0o555);
  expect(existsSync(join(staged.cwd, "go/mod/cache/a"))).toBe(true);
  await staged.remove();
  expect(existsSync(staged.cwd)).toBe(false);
});
