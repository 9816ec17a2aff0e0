import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, readdir, readFile, readlink, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openRepository } from "../source/repository.ts";
import { makeTestRepository, type TestFile, type TestRepository } from "../source/testing/repository.ts";
import { readTree, type TreeOptions } from "../source/tree.ts";
import type { Service } from "../model/service.ts";
import { readInputs, type ReadInputs } from "./inputs.ts";
import { type StagedContext, stageContext } from "./stage.ts";
import { makeLookups, makeService, platformOf } from "./testing/service.ts";

const made: TestRepository[] = [];

async function repository(files: Record<string, TestFile>): Promise<TestRepository> {
  const each = await makeTestRepository(files);
  made.push(each);
  return each;
}

afterEach(async () => {
  await Promise.all(made.splice(0).map((each) => each.dispose()));
});

interface Staged {
  readonly context: StagedContext;
  readonly read: ReadInputs;
  readonly text: (path: string) => Promise<string>;
}

/** Reads and stages; `between` happens in between. */
async function stage(
  each: TestRepository,
  changes: Partial<Service> = {},
  options: TreeOptions & { between?: () => Promise<void> } = {},
): Promise<Staged> {
  const { between, ...treeOptions } = options;
  const opened = await openRepository(each.host, each.root);
  const tree = await readTree(opened, {
    workingTree: opened.dirty && treeOptions.commit === undefined,
    ...treeOptions,
  });
  const platform = platformOf("linux/amd64");
  const read = await readInputs({ service: makeService(changes), platform, tree, lookups: makeLookups() });
  await between?.();
  const context = await stageContext(tree, read);
  return { context, read, text: (path) => readFile(join(context.contextFolder, path), "utf8") };
}

/** Everything below a folder, links not followed. */
async function listed(folder: string, below = ""): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const paths = entries.map(async (entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? [path, ...(await listed(folder, path))] : [path];
  });
  return (await Promise.all(paths)).flat().sort();
}

const everything = "FROM scratch\nCOPY . /app/\n";

test("the context holds exactly the inputs, and the repository is as it was afterwards", async () => {
  const each = await repository({
    Dockerfile: "FROM scratch\nCOPY src link /app/\n",
    "src/a.txt": "a",
    "src/run.sh": { script: "#!/bin/sh" },
    "src/in": { link: "a.txt" },
    "src/no.log": "n",
    link: { link: "src" },
    "other.txt": "o",
    ".dockerignore": "**/*.log",
  });
  const { context } = await stage(each);
  const { contextFolder, dockerfile } = context;
  expect(await listed(contextFolder)).toEqual(["link", "src", "src/a.txt", "src/in", "src/run.sh"]);
  expect(await readlink(join(contextFolder, "src/in"))).toBe("a.txt");
  expect(await readFile(dockerfile, "utf8")).toContain("COPY src link");
  expect(await readFile(`${dockerfile}.dockerignore`, "utf8")).toMatch(/^#.*\n$/);
  expect(await each.git("status", "--porcelain")).toBe("");
  expect((await stat(join(contextFolder, "src/a.txt"))).ino).toBe((await stat(join(each.root, "src/a.txt"))).ino);
  await context.remove();
  await expect(stat(contextFolder)).rejects.toMatchObject({ code: "ENOENT" });
  expect(await each.git("status", "--porcelain")).toBe("");
  expect(await readFile(join(each.root, "src/a.txt"), "utf8")).toBe("a");
});

test("modes are 644 and 755 whatever the umask made of them, and times are those of the working tree", async () => {
  const each = await repository({ Dockerfile: everything, "a.txt": "a", "run.sh": { script: "x" }, "d/b.txt": "b" });
  await chmod(join(each.root, "a.txt"), 0o664);
  await chmod(join(each.root, "run.sh"), 0o775);
  await chmod(join(each.root, "d"), 0o775);
  await utimes(join(each.root, "a.txt"), 1_000_000, 1_000_000);
  const { context } = await stage(each);
  const mode = async (path: string): Promise<string> =>
    ((await lstat(join(context.contextFolder, path))).mode & 0o777).toString(8);
  expect([await mode("a.txt"), await mode("run.sh"), await mode("d"), await mode("d/b.txt")]).toEqual([
    "644",
    "755",
    "755",
    "644",
  ]);
  expect((await stat(join(context.contextFolder, "a.txt"))).mtimeMs).toBe(1_000_000_000);
  expect((await stat(join(each.root, "a.txt"))).mode & 0o777).toBe(0o664);
});

test("a dirty file is copied, and one that changes after planning stops the build", async () => {
  const each = await repository({ Dockerfile: everything, "a.txt": "a" });
  await each.write({ "a.txt": "edited", "hollow/": { folder: true } });
  const { context, text } = await stage(each);
  expect(await text("a.txt")).toBe("edited");
  expect(await listed(context.contextFolder)).toContain("hollow");
  expect((await stat(join(context.contextFolder, "a.txt"))).ino).not.toBe((await stat(join(each.root, "a.txt"))).ino);
  const again = stage(each, {}, { between: () => each.write({ "a.txt": "edited again" }) });
  await expect(again).rejects.toMatchObject({
    code: "repository",
    message: expect.stringContaining('"a.txt" changed'),
  });
});

test("a clean file that changes after planning is taken from git", async () => {
  const each = await repository({ Dockerfile: everything, "a.txt": "planned", "b.txt": "b" });
  const between = async (): Promise<void> => {
    await each.write({ "a.txt": "changed" });
    await each.remove("b.txt");
  };
  const { text } = await stage(each, {}, { between });
  expect([await text("a.txt"), await text("b.txt")]).toEqual(["planned", "b"]);
});

test("another commit is staged from git", async () => {
  const each = await repository({ Dockerfile: everything, "a.txt": "old", "run.sh": { script: "old" } });
  const commit = await each.git("rev-parse", "HEAD");
  await each.commit({ "a.txt": "new" });
  const { context, text } = await stage(each, {}, { commit });
  expect(await text("a.txt")).toBe("old");
  expect((await stat(join(context.contextFolder, "run.sh"))).mode & 0o777).toBe(0o755);
});

test("a change that git was told not to see does not reach the image", async () => {
  const each = await repository({ Dockerfile: everything, "a.txt": "a", "b.txt": "b" });
  await each.git("update-index", "--assume-unchanged", "a.txt");
  await each.git("update-index", "--skip-worktree", "b.txt");
  await each.write({ "a.txt": "hidden", "b.txt": "hidden" });
  const { text } = await stage(each);
  expect([await text("a.txt"), await text("b.txt")]).toEqual(["a", "b"]);
});

test("line ends are those of git's checkout, and part of the digest", async () => {
  const each = await repository({
    ".gitattributes": "*.bat text eol=crlf\n*.txt text\n",
    Dockerfile: everything,
    "a.bat": "one\ntwo\n",
    "b.txt": "x\n",
  });
  // Not as git would check it out, and yet clean to git.
  await writeFile(join(each.root, "b.txt"), "x\r\n");
  await each.git("add", "--renormalize", ".");
  const { read, text } = await stage(each);
  expect(await each.git("status", "--porcelain")).toBe("");
  expect([await text("a.bat"), await text("b.txt")]).toEqual(["one\r\ntwo\r\n", "x\n"]);
  const digests = Object.fromEntries(read.inputs.files.map(({ path, digest }) => [path, digest]));
  expect(digests["a.bat"]).toMatch(/\+crlf$/);
  expect(digests["b.txt"]).toMatch(/^sha1:[0-9a-f]{40}$/);
});

test("a file of Git LFS is staged with its content; where that is not there, the hint says how to get it", async () => {
  const content = "large";
  const real = createHash("sha256").update(content).digest("hex");
  const pointer = (of: string): string => `version https://git-lfs.github.com/spec/v1\noid sha256:${of}\nsize 5\n`;
  const each = await repository({
    Dockerfile: everything,
    ".gitattributes": "*.bin filter=lfs -text\n",
    "a.bin": pointer(real),
  });
  await expect(stage(each)).rejects.toMatchObject({ hint: expect.stringContaining("git lfs pull") });
  // As git-lfs leaves it: the content in the working tree, the pointer in git.
  await each.git("config", "filter.lfs.clean", `printf '${pointer(real).replaceAll("\n", "\\n")}'`);
  await writeFile(join(each.root, "a.bin"), content);
  await each.git("add", "a.bin");
  expect(await each.git("status", "--porcelain")).toBe("");
  const { read, text } = await stage(each);
  expect(await text("a.bin")).toBe(content);
  expect(read.inputs.files.find(({ path }) => path === "a.bin")?.digest).toMatch(/\+lfs$/);
});

test("named folders are staged beside the context", async () => {
  const each = await repository({ Dockerfile: "FROM scratch\nCOPY --from=lib x /\n", "lib/x": "x", "lib/y": "y" });
  const { context } = await stage(each, { contexts: { lib: { kind: "folder", path: "lib" } } });
  expect(await listed(context.contextFolder)).toEqual([]);
  expect(await listed(context.namedFolders["lib"] ?? "")).toEqual(["x"]);
});

test("the frontend stands in the staged Dockerfile by digest, on the same line", async () => {
  const each = await repository({ Dockerfile: "# syntax = docker/dockerfile:1\nFROM scratch\n" });
  const { context, read } = await stage(each);
  expect(await readFile(context.dockerfile, "utf8")).toBe(`# syntax = ${read.frontend ?? ""}\nFROM scratch\n`);
});

test("what a killed run left is removed by the next one, what a running one has is not", async () => {
  const each = await repository({ Dockerfile: everything });
  const stages = join(each.root, ".git/slipway/stage");
  const { context: first } = await stage(each);
  const [running = ""] = await listed(stages);
  const killed = running.replace(`-${process.pid}-`, "-999999999-");
  await mkdir(join(stages, killed, "context"), { recursive: true });
  const { context } = await stage({ ...each, host: { ...each.host } });
  expect(await listed(stages)).toEqual(expect.arrayContaining([running]));
  expect(await readdir(stages)).toHaveLength(2);
  await Promise.all([first.remove(), context.remove()]);
});

test("a name that BuildKit cannot take is refused", async () => {
  const each = await repository({ Dockerfile: everything });
  await writeFile(Buffer.concat([Buffer.from(`${each.root}/`), Buffer.from([0xe9])]), "x");
  await each.commit();
  await expect(stage(each)).rejects.toMatchObject({ message: expect.stringContaining("not UTF-8") });
});

test("a file that is old enough is linked without being read", async () => {
  const each = await repository({ Dockerfile: everything, "a.txt": "a" });
  await new Promise((resolve) => setTimeout(resolve, 2100));
  const { context } = await stage(each);
  expect((await stat(join(context.contextFolder, "a.txt"))).nlink).toBe(2);
});

test("builds that BuildKit must not mix up have contexts of different names, and a later build of one has the same", async () => {
  const each = await repository({ Dockerfile: everything, "a.txt": "one" });
  const nameOf = async (changes: Partial<Service> = {}): Promise<string> =>
    basename((await stage(each, changes)).context.contextFolder);
  const first = await nameOf();
  expect(await nameOf({ name: "web" })).not.toBe(first);
  await each.write({ "a.txt": "two" });
  expect(await nameOf()).toBe(first);
});

test("a context has another name when a file changes whose time a tool has set", async () => {
  const each = await repository({ Dockerfile: everything, "a.txt": "one" });
  const nameOf = async (content: string): Promise<string> => {
    await each.write({ "a.txt": content });
    await utimes(join(each.root, "a.txt"), 500_000_000, 500_000_000);
    return basename((await stage(each)).context.contextFolder);
  };
  const first = await nameOf("one");
  expect(await nameOf("two")).not.toBe(first);
  expect(await nameOf("one")).toBe(first);
});
