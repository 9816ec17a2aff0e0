import { createHash } from "node:crypto";
import {
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test, onTestFinished } from "vitest";
import { openRepository } from "../source/git/repository.ts";
import { makeTestRepository, type TestRepository } from "../source/testing/repository.ts";
import { readTree, type TreeOptions } from "../source/tree/tree.ts";
import { blobDigest } from "../source/tree/working-tree.ts";
import type { Service } from "../model/service.ts";
import { readInputs, type ReadInputs } from "./inputs.ts";
import { type StagedContext, stageContext } from "./stage.ts";
import { makeLookups, makeService, platformOf } from "./testing/service.ts";
import { newRepository } from "../source/testing/new-repository.ts";

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
  const each = await newRepository({
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
  const each = await newRepository({ Dockerfile: everything, "a.txt": "a", "run.sh": { script: "x" }, "d/b.txt": "b" });
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
  const each = await newRepository({ Dockerfile: everything, "a.txt": "a" });
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
  const each = await newRepository({ Dockerfile: everything, "a.txt": "planned", "b.txt": "b" });
  const between = async (): Promise<void> => {
    await each.write({ "a.txt": "changed" });
    await each.remove("b.txt");
  };
  const { text } = await stage(each, {}, { between });
  expect([await text("a.txt"), await text("b.txt")]).toEqual(["planned", "b"]);
});

test("another commit is staged from git", async () => {
  const each = await newRepository({ Dockerfile: everything, "a.txt": "old", "run.sh": { script: "old" } });
  const commit = await each.git("rev-parse", "HEAD");
  await each.commit({ "a.txt": "new" });
  const { context, text } = await stage(each, {}, { commit });
  expect(await text("a.txt")).toBe("old");
  expect((await stat(join(context.contextFolder, "run.sh"))).mode & 0o777).toBe(0o755);
});

test("a change that git was told not to see does not reach the image", async () => {
  const each = await newRepository({ Dockerfile: everything, "a.txt": "a", "b.txt": "b" });
  await each.git("update-index", "--assume-unchanged", "a.txt");
  await each.git("update-index", "--skip-worktree", "b.txt");
  await each.write({ "a.txt": "hidden", "b.txt": "hidden" });
  const { text } = await stage(each);
  expect([await text("a.txt"), await text("b.txt")]).toEqual(["a", "b"]);
});

test("line ends are those of git's checkout, and part of the digest", async () => {
  const each = await newRepository({
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
  const each = await newRepository({
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
  const each = await newRepository({ Dockerfile: "FROM scratch\nCOPY --from=lib x /\n", "lib/x": "x", "lib/y": "y" });
  const { context } = await stage(each, { contexts: { lib: { kind: "folder", path: "lib" } } });
  expect(await listed(context.contextFolder)).toEqual([]);
  expect(await listed(context.namedFolders["lib"] ?? "")).toEqual(["x"]);
});

test("the frontend stands in the staged Dockerfile by digest, on the same line", async () => {
  const each = await newRepository({ Dockerfile: "# syntax = docker/dockerfile:1\nFROM scratch\n" });
  const { context, read } = await stage(each);
  expect(await readFile(context.dockerfile, "utf8")).toBe(`# syntax = ${read.sources.frontend ?? ""}\nFROM scratch\n`);
});

test("what a killed run left is removed by the next one, what a running one has is not", async () => {
  const each = await newRepository({ Dockerfile: everything });
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
  const each = await newRepository({ Dockerfile: everything });
  await writeFile(Buffer.concat([Buffer.from(`${each.root}/`), Buffer.from([0xe9])]), "x");
  await each.commit();
  await expect(stage(each)).rejects.toMatchObject({ message: expect.stringContaining("not UTF-8") });
});

test("a file that git calls clean and that has other bytes is taken from git", async () => {
  const each = await newRepository({
    Dockerfile: everything,
    ".gitattributes": "*.txt text eol=crlf\n",
    "a.txt": "one\n",
  });
  await each.remove("a.txt");
  await each.git("checkout", "--quiet", "--", "a.txt");
  // git looks no further at a file that is older than its index.
  await utimes(join(each.root, "a.txt"), 1_700_000_000, 1_700_000_000);
  await each.git("update-index", "--refresh");
  await each.git("rm", "--quiet", ".gitattributes");
  await each.git("commit", "--quiet", "--message", "No attributes");
  expect(await each.git("status", "--porcelain")).toBe("");
  expect(await readFile(join(each.root, "a.txt"), "utf8")).toBe("one\r\n");
  const { read, text } = await stage(each);
  expect(read.inputs.files.find(({ path }) => path === "a.txt")?.digest).not.toContain("+");
  expect(await text("a.txt")).toBe("one\n");
});

/** Ways in which a working tree comes to hold other bytes than git believes. */
const lies: Readonly<Record<string, (each: TestRepository) => Promise<void>>> = {
  "the same size and time": async (each) => {
    const place = join(each.root, "a.txt");
    const { atime, mtime } = await stat(place);
    await writeFile(place, "b".repeat(4));
    await utimes(place, atime, mtime);
  },
  "assumed to be unchanged": async (each) => {
    await each.git("update-index", "--assume-unchanged", "a.txt");
    await each.write({ "a.txt": "hidden" });
  },
  "skipped in the working tree": async (each) => {
    await each.git("update-index", "--skip-worktree", "a.txt");
    await each.write({ "a.txt": "hidden" });
  },
  "a clean filter that hides the change": async (each) => {
    await each.git("config", "filter.hide.clean", "printf aaaa");
    await writeFile(join(each.root, ".git/info/attributes"), "a.txt filter=hide\n");
    await each.write({ "a.txt": "more" });
    await each.git("add", "a.txt");
  },
};

test.each(Object.entries(lies))("what is staged is what was counted, though the file is %s", async (_name, lie) => {
  const each = await newRepository({ Dockerfile: everything, "a.txt": "aaaa" });
  await lie(each);
  const { context, read } = await stage(each);
  for (const { path, digest } of read.inputs.files) {
    expect(blobDigest(await readFile(join(context.contextFolder, path)), "sha1"), path).toBe(digest);
  }
});

test("a file that is written to while it is built fails the build; one that is replaced does not", async () => {
  const each = await newRepository({ Dockerfile: everything, "a.txt": "aaaa", "b.txt": "b" });
  for (const path of ["a.txt", "b.txt"]) await utimes(join(each.root, path), 1_700_000_000, 1_700_000_000);
  const { context, text } = await stage(each);
  await writeFile(join(each.root, "new"), "new");
  await rename(join(each.root, "new"), join(each.root, "b.txt"));
  expect(() => context.checkUnchanged()).not.toThrow();
  expect(await text("b.txt")).toBe("b");
  await writeFile(join(each.root, "a.txt"), "bbbb");
  expect(() => context.checkUnchanged()).toThrow('"a.txt" was written to while its build read it');
});

test("the end of a symlink that changes after planning stops the build", async () => {
  const each = await newRepository({ Dockerfile: everything, "a.txt": "a" });
  await each.write({ link: { link: "a.txt" } });
  const between = async (): Promise<void> => {
    await each.remove("link");
    await each.write({ link: { link: "b.txt" } });
  };
  await expect(stage(each, {}, { between })).rejects.toMatchObject({
    message: expect.stringContaining('"link" changed'),
  });
});

test("encodings and filters are those that were counted, not those of a moment later", async () => {
  const each = await newRepository({
    Dockerfile: everything,
    ".gitattributes": "*.u working-tree-encoding=UTF-16LE\n*.x filter=mine\n",
    "a.x": "aaa",
  });
  await each.write({ "a.u": Buffer.from("ü", "utf16le") });
  await each.commit();
  await each.git("config", "filter.mine.smudge", "tr a b");
  const { context, read } = await stage(each);
  const digests = Object.fromEntries(read.inputs.files.map(({ path, digest }) => [path, digest]));
  expect(digests["a.u"]).toMatch(/\+encoding=UTF-16LE:sha256:/);
  expect(await readFile(join(context.contextFolder, "a.u"), "utf16le")).toBe("ü");
  expect(await readFile(join(context.contextFolder, "a.x"), "utf8")).toBe("bbb");
  const between = (): Promise<void> => each.git("config", "filter.mine.smudge", "tr a c").then(() => undefined);
  await expect(stage(each, {}, { between })).rejects.toMatchObject({
    message: expect.stringContaining('"a.x" changed'),
  });
});

test("builds that BuildKit must not mix up have contexts of different names, and a later build of one has the same", async () => {
  const each = await newRepository({ Dockerfile: everything, "a.txt": "one" });
  const nameOf = async (changes: Partial<Service> = {}): Promise<string> =>
    basename((await stage(each, changes)).context.contextFolder);
  const first = await nameOf();
  expect(await nameOf({ name: "web" })).not.toBe(first);
  await each.write({ "a.txt": "three" });
  expect(await nameOf()).toBe(first);
});

test("a file with the path, size and second of another one that was sent goes under another name", async () => {
  const each = await newRepository({ Dockerfile: everything, "a.txt": "one" });
  const nameOf = async (content: string, time: number): Promise<string> => {
    await each.write({ new: content });
    await utimes(join(each.root, "new"), time, time);
    // Another file in its place, so that git looks at it.
    await rename(join(each.root, "new"), join(each.root, "a.txt"));
    return basename((await stage(each)).context.contextFolder);
  };
  const first = await nameOf("one", 500_000_000.5);
  expect(await nameOf("two", 600_000_000.5)).toBe(first);
  // BuildKit may still have the first.
  const second = await nameOf("six", 500_000_000.5);
  expect(second).not.toBe(first);
  expect(await nameOf("six", 500_000_000.5)).toBe(second);
  expect(await nameOf("three", 500_000_000.5)).toBe(second);
});

test("a copy of the clone sends under a name of its own, and so does a run beside which another writes the record", async () => {
  const each = await newRepository({ Dockerfile: everything, "a.txt": "one" });
  const first = basename((await stage(each)).context.contextFolder);
  const copied = await makeTestRepository();
  onTestFinished(() => copied.dispose());
  await cp(each.root, copied.root, { recursive: true, force: true });
  expect(basename((await stage(copied)).context.contextFolder)).not.toBe(first);
  await rm(join(each.root, ".git/slipway/sent"), { recursive: true });
  expect(basename((await stage(each)).context.contextFolder)).not.toBe(first);
});
