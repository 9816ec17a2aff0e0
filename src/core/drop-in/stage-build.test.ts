import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, linkSync, lstatSync, readdirSync, readlinkSync, utimesSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { folderInputsOf, newFolder, type TestFolder } from "../../inputs/testing/folder.ts";
import { newRepository } from "../../source/testing/new-repository.ts";
import type { FolderTreeOptions } from "../../source/folder/read-folder-tree.ts";
import { stageBuild, type StagedBuild } from "./stage-build.ts";

const copyAll = "FROM scratch\nCOPY . /app\n";

async function stage(
  { host }: Pick<TestFolder, "host">,
  options: FolderTreeOptions = {},
): Promise<StagedBuild | undefined> {
  const { tree, contexts } = await folderInputsOf({ host }, options);
  const places = { context: tree.context, dockerfile: tree.dockerfile, contexts: tree.contexts };
  const files = { tree, places, reopen: () => expect.unreachable("it is staged as it was read") };
  return stageBuild(host, { argv: ["."], cwd: host.cwd }, { files }, contexts);
}

/** Mode and time of each path below a folder. */
function factsOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return Object.fromEntries(
    paths.sort().map((path) => {
      const { mode, mtimeMs } = lstatSync(join(folder, path));
      return [path, `${mode.toString(8)} ${Math.floor(mtimeMs / 1000)}`];
    }),
  );
}

test("folders that nobody may write to are staged with their modes, and are removed with the rest", async () => {
  const folder = await newFolder({ Dockerfile: copyAll, "go/mod/cache/a": "a" });
  for (const path of ["go/mod/cache", "go/mod", "go"]) chmodSync(join(folder.root, path), 0o555);
  const staged = (await stage(folder)) ?? expect.unreachable();
  expect(lstatSync(join(staged.cwd, "go/mod/cache")).mode & 0o777).toBe(0o555);
  expect(existsSync(join(staged.cwd, "go/mod/cache/a"))).toBe(true);
  await staged.remove();
  expect(existsSync(staged.cwd)).toBe(false);
});

test("a folder is staged with its modes, its links, its names of one file and its times", async () => {
  const folder = await newFolder({
    Dockerfile: copyAll,
    "a/b/c": "c",
    "a/run": { script: "x" },
    "empty/none": { folder: true },
    link: { link: "a/run" },
  });
  const place = (path: string): string => join(folder.root, path);
  linkSync(place("a/run"), place("again"));
  chmodSync(place("a/b/c"), 0o600);
  chmodSync(place("a/run"), 0o6711);
  chmodSync(place("empty/none"), 0o1777);
  for (const path of ["a/b/c", "a/run", "Dockerfile"]) utimesSync(place(path), 1_000_000, 1_000_000);
  execFileSync("touch", ["-h", "-d", "@2000000", place("link")]);
  for (const path of ["a/b", "a", "empty/none", "empty"]) utimesSync(place(path), 3_000_000, 3_000_000);
  const before = factsOf(folder.root);
  const staged = (await stage(folder)) ?? expect.unreachable();
  expect(factsOf(staged.cwd)).toEqual(before);
  expect(readlinkSync(join(staged.cwd, "link"))).toBe("a/run");
  expect(lstatSync(join(staged.cwd, "again")).ino).toBe(lstatSync(join(staged.cwd, "a/run")).ino);
  expect(staged.originalOf(join(staged.cwd, "a/run"))).toBe(place("a/run"));
  await staged.remove();
});

test("a stage lies below git's folder in a repository, also in a worktree of it, else below the user's cache folder", async () => {
  const made = await newRepository({ Dockerfile: copyAll, ".dockerignore": ".git\n", "web/a": "a" });
  const inRepository = (await stage(made)) ?? expect.unreachable();
  expect(inRepository.cwd.startsWith(join(made.root, ".git/slipway/stage/"))).toBe(true);
  await made.git("worktree", "add", "--quiet", join(made.root, "..", `${basename(made.root)}-tree`));
  const inWorktree = (await stage({ host: { ...made.host, cwd: `${made.root}-tree` } })) ?? expect.unreachable();
  expect(inWorktree.cwd.startsWith(join(made.root, ".git/worktrees"))).toBe(true);
  const folder = await newFolder({ "app/Dockerfile": copyAll });
  const inApp = { host: { ...folder.host, cwd: join(folder.root, "app") } };
  const outside = (await stage(inApp)) ?? expect.unreachable();
  expect(outside.cwd.startsWith(join(folder.root, ".cache/slipway/stage/"))).toBe(true);
  for (const each of [inRepository, inWorktree, outside]) await each.remove();
  execFileSync("rm", ["-r", `${made.root}-tree`]);
});

test("a named folder from which nothing is read is there, since buildx looks for it", async () => {
  const folder = await newFolder({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "a", "other/b": "b" });
  const staged = (await stage(folder, { contexts: { other: "other" } })) ?? expect.unreachable();
  expect(readdirSync(join(staged.cwd, "other"))).toEqual([]);
  await staged.remove();
});

test("a pipe is not staged", async () => {
  const folder = await newFolder({ Dockerfile: copyAll });
  execFileSync("sh", ["-c", 'mkfifo "$1"', "sh", join(folder.root, "pipe")]);
  expect(await stage(folder)).toBeUndefined();
});
