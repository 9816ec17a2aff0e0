import { expect, test, onTestFinished } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeNodeHost } from "../../node-host.ts";
import { openRepository } from "./repository.ts";
import { newRepository } from "../testing/new-repository.ts";

test("a repository is found from a folder inside it", async () => {
  const { root, host, git } = await newRepository({ "deep/down/a.txt": "a" });
  const opened = await openRepository(host, join(root, "deep/down"));
  expect(opened).toMatchObject({ root, branch: "main", shallow: false, dirty: false, objectFormat: "sha1" });
  expect(opened.commit).toBe(await git("rev-parse", "HEAD"));
  expect(opened.remote).toBeUndefined();
});

test("the files are those of the commit that git compared the working tree with, also when somebody commits meanwhile", async () => {
  const { root, host, git, commit } = await newRepository({ "a.txt": "a" });
  let place: Promise<unknown> = Promise.resolve();
  const opened = await openRepository(
    {
      ...host,
      run: async (program, args, options) => {
        if (args[0] === "status") {
          await place;
          await commit({ "b.txt": "b" });
        }
        const running = host.run(program, args, options);
        if (args[0] === "rev-parse") place = running;
        return running;
      },
    },
    root,
  );
  expect(opened.commit).toBe(await git("rev-parse", "HEAD"));
  expect(opened.files.paths).toEqual(["a.txt", "b.txt"]);
});

test("outside a repository the error says how to start one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await expect(openRepository(makeNodeHost(), folder)).rejects.toMatchObject({
    code: "repository",
    message: `"${folder}" is not in a git repository`,
    hint: expect.stringContaining("git init"),
  });
  await expect(openRepository(makeNodeHost(), join(folder, "none"))).rejects.toMatchObject({ code: "repository" });
});

test("a repository without a commit and a bare one are refused", async () => {
  const { root, host, git } = await newRepository({});
  await expect(openRepository(host, root)).rejects.toMatchObject({ message: expect.stringContaining("no commit yet") });
  await git("init", "--quiet", "--bare", "bare.git");
  await expect(openRepository(host, join(root, "bare.git"))).rejects.toMatchObject({
    message: expect.stringContaining("bare"),
  });
});

test("changed, staged, deleted and untracked files make it dirty, ignored ones do not", async () => {
  const { root, host, git, write, remove } = await newRepository({
    ".gitignore": "*.log",
    "a.txt": "a",
    "b.txt": "b",
    "c.txt": "c",
  });
  await write({ "x.log": "noise" });
  expect((await openRepository(host, root)).dirty).toBe(false);
  await write({ "a.txt": "changed", "new file\n.txt": "n", "b.txt": "staged" });
  await git("add", "b.txt");
  await remove("c.txt");
  const { dirty, changes } = await openRepository(host, root);
  expect(dirty).toBe(true);
  expect(changes.map(({ path, kind }) => [path, kind])).toEqual([
    ["a.txt", "changed"],
    ["b.txt", "changed"],
    ["c.txt", "changed"],
    ["new file\n.txt", "untracked"],
  ]);
});

test("no branch is told when a commit is checked out by itself", async () => {
  const { root, host, git } = await newRepository({ "a.txt": "a" });
  await git("checkout", "--quiet", "--detach");
  expect((await openRepository(host, root)).branch).toBeUndefined();
});

test("the remote is origin's, without credentials", async () => {
  const { root, host, git } = await newRepository({ "a.txt": "a" });
  await git("remote", "add", "backup", "https://example.test/other.git");
  await git("remote", "add", "origin", "https://x-access-token:s3@cret@example.test/acme/shop.git");
  expect((await openRepository(host, root)).remote).toBe("https://example.test/acme/shop.git");
});

test("a generation counts a commit and those behind it; in a shallow clone it is refused", async () => {
  const { root, host, git, commit } = await newRepository({ "a.txt": "a" });
  await commit({ "b.txt": "b" });
  const third = await commit({ "c.txt": "c" });
  expect(await (await openRepository(host, root)).generation(third)).toBe(3);
  await git("clone", "--quiet", "--depth=1", `file://${root}`, "clone");
  const clone = await openRepository(host, join(root, "clone"));
  expect(clone.shallow).toBe(true);
  await expect(clone.generation(third)).rejects.toMatchObject({
    hint: expect.stringContaining("git fetch --unshallow"),
  });
  expect(() => clone.commitsBetween(null, third)).toThrow("shallow");
});

test("commits between two come newest first, with the files they touched, without merges", async () => {
  const { root, host, git, commit } = await newRepository({ "a.txt": "a" });
  const first = await git("rev-parse", "HEAD");
  await commit({ "api/ü b.txt": "1", "a.txt": "2" }, "Change two: a | b");
  await git("checkout", "--quiet", "-b", "side", first);
  await commit({ "side.txt": "s" }, "Work aside");
  await git("checkout", "--quiet", "main");
  await git("merge", "--quiet", "--no-edit", "side");
  await commit({}, "Nothing");
  const opened = await openRepository(host, root);
  const commits = await opened.commitsBetween(first, opened.commit);
  expect(commits.map(({ subject, files, author }) => [subject, files, author])).toEqual([
    ["Nothing", [], "Ada"],
    expect.anything(),
    expect.anything(),
  ]);
  expect(commits.slice(1).map(({ subject, files }) => [subject, files])).toEqual(
    expect.arrayContaining([
      ["Work aside", ["side.txt"]],
      ["Change two: a | b", ["a.txt", "api/ü b.txt"]],
    ]),
  );
  const [touching] = await opened.commitsBetween(null, opened.commit, ["api"]);
  expect(touching?.subject).toBe("Change two: a | b");
  expect(touching?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  expect(await opened.committedAt(opened.commit)).toMatch(/Z$/);
  expect((await opened.lastCommits(2)).map(({ subject, files }) => [subject, files])).toEqual([
    ["Nothing", []],
    ["Merge branch 'side'", ["side.txt"]],
  ]);
});

test("a revision that is not there is refused", async () => {
  const { root, host } = await newRepository({ "a.txt": "a" });
  const opened = await openRepository(host, root);
  expect(await opened.resolve("HEAD")).toBe(opened.commit);
  await expect(opened.resolve("v9")).rejects.toMatchObject({
    code: "repository",
    message: expect.stringContaining('"v9"'),
  });
});

test("a file that the program itself writes is no change, unless git tracks it", async () => {
  const { root, host, write } = await newRepository({ "tracked.md": "a" });
  await write({ "notes.md": "notes", "tracked.md": "changed" });
  const outputs = [join(root, "notes.md"), join(root, "tracked.md")];
  const { changes } = await openRepository(host, root, outputs);
  expect(changes).toEqual([{ path: "tracked.md", kind: "changed" }]);
});
