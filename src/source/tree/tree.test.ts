import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { array, assert, asyncProperty, constantFrom, tuple, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { openRepository } from "../git/repository.ts";
import { makeTestRepository, type TestRepository } from "../testing/repository.ts";
import { readTree, type GitTree, type TreeOptions } from "./tree.ts";
import { blobDigest } from "./working-tree.ts";
import { newRepository } from "../testing/new-repository.ts";

async function treeOf({ host, root }: TestRepository, options: TreeOptions = {}): Promise<GitTree> {
  return readTree(await openRepository(host, root), options);
}

const text = async (tree: GitTree, path: string): Promise<string> => new TextDecoder().decode(await tree.read(path));

test("a tree has every tracked file with mode and git's object id, by code unit", async () => {
  const each = await newRepository({
    "b.txt": "b",
    "a/script.sh": { script: "#!/bin/sh" },
    "a.txt": "",
    link: { link: "a/script.sh" },
    "\u{ff5e}.txt": "after the astral one by code unit",
    "\u{1f600}.txt": "astral",
    'odd "name"\n.txt': "odd",
  });
  const tree = await treeOf(each);
  expect(tree.paths).toEqual([...tree.paths].sort());
  expect(tree.paths).toHaveLength(7);
  expect(tree.get("a/script.sh")).toMatchObject({ mode: "100755" });
  expect(tree.get("a.txt")).toEqual({
    path: "a.txt",
    mode: "100644",
    digest: "sha1:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
  });
  expect(tree.get("link")).toMatchObject({ mode: "120000" });
  expect(await text(tree, "link")).toBe("a/script.sh");
  expect(await text(tree, 'odd "name"\n.txt')).toBe("odd");
  expect(tree.get("none")).toBeUndefined();
  await expect(tree.read("none")).rejects.toMatchObject({ code: "repository" });
});

test("names that are not UTF-8 stay apart", async () => {
  const each = await newRepository({ "a.txt": "a" });
  for (const byte of [0xe9, 0xea]) {
    await writeFile(Buffer.concat([Buffer.from(`${each.root}/`), Buffer.from([byte])]), "same");
  }
  await each.commit();
  const { paths } = await treeOf(each);
  expect(paths).toEqual(["a.txt", "\udce9", "\udcea"]);
});

test("what lies below a folder is a range of the paths", async () => {
  const tree = await treeOf(await newRepository({ "a/x": "", "a/y/z": "", "a-b": "", "a.txt": "", ab: "", a0: "" }));
  expect([...tree.under("a")].map(({ path }) => path)).toEqual(["a/x", "a/y/z"]);
  expect([...tree.under(".")]).toHaveLength(6);
  expect([...tree.under("a.txt")]).toEqual([]);
  expect([tree.isFolder("a"), tree.isFolder("a/y"), tree.isFolder("a.txt"), tree.isFolder("b")]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("another commit is read as it was", async () => {
  const each = await newRepository({ "a.txt": "old" });
  const old = await each.git("rev-parse", "HEAD");
  await each.commit({ "a.txt": "new", "b.txt": "b" });
  const tree = await treeOf(each, { commit: old });
  expect(tree.paths).toEqual(["a.txt"]);
  expect(await text(tree, "a.txt")).toBe("old");
  expect(tree.origin("a.txt")).toBe("git");
  expect((await treeOf(each)).origin("a.txt")).toBe("checked-out");
});

test("the working tree is laid over only where asked", async () => {
  const each = await newRepository({
    ".gitignore": "ignored",
    "gone.txt": "g",
    "same.txt": "s",
    "x.txt": "x",
    "was/file": "f",
  });
  await each.remove("gone.txt", "was");
  await each.write({
    "x.txt": { script: "changed" },
    "new/é.txt": "n",
    ignored: "i",
    was: "now a file",
    "hollow/in": { folder: true },
  });
  const clean = await treeOf(each);
  expect(clean.paths).toEqual([".gitignore", "gone.txt", "same.txt", "was/file", "x.txt"]);
  expect(await text(clean, "x.txt")).toBe("x");
  const dirty = await treeOf(each, { workingTree: true });
  expect(dirty.paths).toEqual([".gitignore", "hollow/in", "new/é.txt", "same.txt", "was", "x.txt"]);
  expect(dirty.get("hollow/in")).toMatchObject({ mode: "040000" });
  expect(dirty.get("x.txt")?.digest).toBe(blobDigest(Buffer.from("changed"), "sha1"));
  expect(await text(dirty, "was")).toBe("now a file");
  expect([dirty.origin("same.txt"), dirty.origin("x.txt")]).toEqual(["checked-out", "working-tree"]);
});

test("a file has the same digest before and after it is committed", async () => {
  const each = await newRepository({ "a.txt": "a" });
  await each.write({ "a.txt": "b", "run.sh": { script: "c" }, l: { link: "a.txt" } });
  const before = await treeOf(each, { workingTree: true });
  await each.commit();
  const after = await treeOf(each);
  expect([...before.under(".")]).toEqual([...after.under(".")]);
});

test("generated files come from the working tree though git ignores them, and nothing else does", async () => {
  const each = await newRepository({ ".gitignore": "dist\n*.log", "web/stub.js": "stub", "web/src.js": "src" });
  await each.write({
    "web/dist/a/b.js": "b",
    "web/dist/x.log": "x",
    "web/y.log": "y",
    "web/stub.js": "made",
    "web/src.js": "edited",
  });
  const tree = await treeOf(each, { generated: ["web/dist/", "./web/stub.js", "!web/dist/*.log"] });
  expect(tree.paths).toEqual([".gitignore", "web/dist/a/b.js", "web/src.js", "web/stub.js"]);
  expect(await text(tree, "web/stub.js")).toBe("made");
  expect(await text(tree, "web/src.js")).toBe("src");
  const wild = await treeOf(each, { generated: ["*/dist"] });
  expect(wild.paths).toContain("web/dist/x.log");
});

test("submodules are part of the tree at the commit they are linked at", async () => {
  const library = await newRepository({ "lib.c": "one", "deep/er.c": "d" });
  const each = await newRepository({ "a.txt": "a", "z.txt": "z" });
  await each.git("submodule", "--quiet", "add", library.root, "vendor/lib");
  await each.commit();
  const tree = await treeOf(each);
  expect(tree.paths).toEqual([".gitmodules", "a.txt", "vendor/lib/deep/er.c", "vendor/lib/lib.c", "z.txt"]);
  expect(await text(tree, "vendor/lib/lib.c")).toBe("one");
  expect(tree.origin("vendor/lib/lib.c")).toBe("checked-out");
  await each.write({ "vendor/lib/lib.c": "two", "vendor/lib/more.c": "m" });
  expect((await treeOf(each)).origin("vendor/lib/lib.c")).toBe("git");
  const dirty = await treeOf(each, { workingTree: true });
  expect(await text(dirty, "vendor/lib/lib.c")).toBe("two");
  expect(dirty.paths).toContain("vendor/lib/more.c");
});

test("a submodule that is not there stays one entry", async () => {
  const library = await newRepository({ "lib.c": "one" });
  const each = await newRepository({ "a.txt": "a" });
  await each.git("submodule", "--quiet", "add", library.root, "lib");
  await each.commit();
  await each.git("submodule", "--quiet", "deinit", "--force", "lib");
  expect((await treeOf(each)).get("lib")).toMatchObject({ mode: "160000" });
});

test("a sparse checkout of a blobless clone reads what is not there from git", async () => {
  const origin = await newRepository({ "keep/a.txt": "a", "away/b.txt": "b" });
  await origin.git("config", "uploadpack.allowFilter", "true");
  await origin.git("clone", "--quiet", "--filter=blob:none", "--sparse", `file://${origin.root}`, "clone");
  const root = join(origin.root, "clone");
  const opened = await openRepository(origin.host, root);
  expect(opened.dirty).toBe(false);
  const tree = await readTree(opened);
  expect(tree.paths).toEqual(["away/b.txt", "keep/a.txt"]);
  expect(await text(tree, "away/b.txt")).toBe("b");
});

test("a SHA-256 repository has digests of its kind", async () => {
  const each = await newRepository({ "a.txt": "a" });
  await mkdir(join(each.root, "sub"));
  await each.git("init", "--quiet", "--object-format=sha256", "sub");
  await writeFile(join(each.root, "sub/b.txt"), "b");
  await each.git("-C", "sub", "add", ".");
  await each.git("-C", "sub", "commit", "--quiet", "-m", "One");
  const tree = await readTree(await openRepository(each.host, join(each.root, "sub")));
  expect(tree.get("b.txt")?.digest).toBe(blobDigest(Buffer.from("b"), "sha256"));
});

test("whatever is in the working tree, laying it over gives what committing it gives", async () => {
  const name = constantFrom("a", "b", "a.b", "ü", "x y");
  const path = array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const files = uniqueArray(tuple(path, constantFrom("1", "2", "")), {
    selector: ([each]) => each,
    maxLength: 8,
  });
  const withoutNesting = files.map((all) => all.filter(([one]) => !all.some(([other]) => other.startsWith(`${one}/`))));
  await assert(
    asyncProperty(withoutNesting, withoutNesting, async (before, after) => {
      const each = await makeTestRepository({ ".keep": "", ...Object.fromEntries(before) });
      try {
        for (const [gone] of before)
          if (!after.some(([kept]) => kept === gone)) await each.git("rm", "-q", "--cached", gone);
        await each.git("clean", "-fdxq");
        await each.write(Object.fromEntries(after));
        const laid = [...(await treeOf(each, { workingTree: true })).under(".")];
        await each.commit();
        expect(laid.filter(({ mode }) => mode !== "040000")).toEqual([...(await treeOf(each)).under(".")]);
      } finally {
        await each.dispose();
      }
    }),
    { numRuns: 12 },
  );
});
