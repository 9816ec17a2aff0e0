import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  utimesSync,
} from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { newRepository } from "../source/testing/new-repository.ts";
import type { TestFile } from "../source/testing/repository.ts";
import { type StagedContext, stageContext } from "./stage.ts";
import { folderInputsOf, type FolderInputsOptions, newFolder, type TestFolder } from "./testing/folder.ts";

const copyAll = "FROM scratch\nCOPY . /app\n";

/** Reads and stages a folder; `between` happens in between. */
async function stage(
  folder: Pick<TestFolder, "host">,
  { between, ...options }: FolderInputsOptions & { between?: () => Promise<void> } = {},
): Promise<StagedContext> {
  const read = await folderInputsOf(folder, options);
  await between?.();
  return stageContext(read.tree, read);
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

async function odd(files: Readonly<Record<string, TestFile>> = {}): Promise<TestFolder> {
  const folder = await newFolder({
    Dockerfile: copyAll,
    "a/b/c": "c",
    "a/run": { script: "x" },
    "empty/none": { folder: true },
    link: { link: "a/run" },
    ...files,
  });
  const place = (path: string): string => join(folder.root, path);
  chmodSync(place("a/b/c"), 0o600);
  chmodSync(place("a/run"), 0o6711);
  chmodSync(place("a/b"), 0o500);
  chmodSync(place("empty/none"), 0o1777);
  for (const path of ["a/b/c", "a/run", "Dockerfile"]) utimesSync(place(path), 1_000_000, 1_000_000);
  execFileSync("touch", ["-h", "-d", "@2000000", place("link")]);
  for (const path of ["a/b", "a", "empty/none", "empty"]) utimesSync(place(path), 3_000_000, 3_000_000);
  return folder;
}

test("a folder is staged with its modes, its links and its times, and is removed again", async () => {
  const folder = await odd();
  const before = factsOf(folder.root);
  const context = await stage(folder);
  expect(factsOf(context.contextFolder)).toEqual(before);
  expect(readlinkSync(join(context.contextFolder, "link"))).toBe("a/run");
  context.checkUnchanged();
  await context.remove();
  expect(existsSync(context.contextFolder)).toBe(false);
  expect(readFileSync(join(folder.root, "a/b/c"), "utf8")).toBe("c");
});

test("names of one file stay names of one file, and a socket and a pipe arrive as BuildKit takes them", async () => {
  const folder = await newFolder({ Dockerfile: copyAll, a: "a", other: "o" });
  const place = (path: string): string => join(folder.root, path);
  linkSync(place("a"), place("b"));
  linkSync(place("other"), join(folder.root, "..", `${basename(folder.root)}-outside`));
  execFileSync("sh", ["-c", 'mkfifo -m 600 "$1"; rm "$2"', "sh", place("pipe"), `${folder.root}-outside`]);
  const { contextFolder, remove } = await stage(folder);
  const inode = (path: string): number => lstatSync(join(contextFolder, path)).ino;
  expect(inode("a")).toBe(inode("b"));
  expect(inode("other")).not.toBe(inode("a"));
  expect(lstatSync(join(contextFolder, "pipe")).isFIFO()).toBe(true);
  await remove();
});

test("a stage lies below git's folder in a repository, also in a worktree of it, else below the user's cache folder", async () => {
  const made = await newRepository({ Dockerfile: copyAll, ".dockerignore": ".git\n", "web/a": "a" });
  const inRepository = await stage(made);
  expect(inRepository.contextFolder.startsWith(join(made.root, ".git/slipway/stage/"))).toBe(true);
  await made.git("worktree", "add", "--quiet", join(made.root, "..", `${basename(made.root)}-tree`));
  const worktree = { host: { ...made.host, cwd: `${made.root}-tree` } };
  const inWorktree = await stage(worktree);
  expect(inWorktree.contextFolder.startsWith(join(made.root, ".git/worktrees"))).toBe(true);
  const folder = await newFolder({ "app/Dockerfile": copyAll });
  const outside = await stage(folder, { context: "app" });
  expect(outside.contextFolder.startsWith(join(folder.root, ".cache/slipway/stage/"))).toBe(true);
  const itself = await stage(folder, { dockerfile: "app/Dockerfile" });
  expect(itself.contextFolder.startsWith(folder.root)).toBe(false);
  for (const each of [inRepository, inWorktree, outside, itself]) await each.remove();
  execFileSync("rm", ["-r", `${made.root}-tree`]);
});

test("builds of one folder send under one name, so that BuildKit has its files already", async () => {
  const folder = await newFolder({ "app/Dockerfile": copyAll, "app/b.Dockerfile": copyAll, "app/a": "a" });
  utimesSync(join(folder.root, "app/a"), 1000, 1000);
  const first = await stage(folder, { context: "app" });
  const second = await stage(folder, { context: "app", changes: { name: "b" }, dockerfile: "app/b.Dockerfile" });
  expect(basename(second.contextFolder)).toBe(basename(first.contextFolder));
  for (const each of [first, second]) await each.remove();
});

test.each<[string, (place: (path: string) => string) => void]>([
  ["another content", (place) => execFileSync("sh", ["-c", 'printf d >"$1"', "sh", place("a/run")])],
  ["another mode", (place) => chmodSync(place("a/run"), 0o644)],
  ["another target", (place) => execFileSync("ln", ["-sfn", "b", place("link")])],
  ["none any more", (place) => execFileSync("rm", [place("a/run")])],
])("a file that has %s than was planned with stops the build", async (_what, change) => {
  const folder = await odd();
  const between = (): Promise<void> => Promise.resolve(change((path) => join(folder.root, path)));
  await expect(stage(folder, { between })).rejects.toMatchObject({ kind: "files-changed" });
});

test("a file that is written to while its build reads it is found out", async () => {
  const folder = await odd();
  const context = await stage(folder);
  await folder.write({ "a/run": "other" });
  expect(() => context.checkUnchanged()).toThrow('"a/run" was written to while its build read it');
  await context.remove();
});
