import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { TestFile } from "../source/testing/repository.ts";
import { newRepository } from "../source/testing/new-repository.ts";
import { folderInputsOf, type FolderInputsOptions, newFolder, type TestFolder } from "./testing/folder.ts";
import { inputsOf } from "./testing/service.ts";

const copyAll = "FROM scratch\nCOPY . /app\n";

async function linesOf(folder: Pick<TestFolder, "host">, options: FolderInputsOptions = {}): Promise<string[]> {
  const { inputs } = await folderInputsOf(folder, options);
  return inputs.files.map(({ path, mode, context }) =>
    [mode, path, ...(context === undefined ? [] : [context])].join(" "),
  );
}

async function fingerprintOf(folder: Pick<TestFolder, "host">, options: FolderInputsOptions = {}): Promise<unknown> {
  return (await folderInputsOf(folder, options)).inputs.fingerprint;
}

function makePipe(place: string): void {
  execFileSync("sh", ["-c", 'mkfifo -m 600 "$1"', "sh", place]);
}

test("a folder is read as it lies on disk: permission bits, links, empty folders, without a repository", async () => {
  const folder = await newFolder({
    Dockerfile: copyAll,
    "src/a.js": "a",
    run: { script: "#!/bin/sh\n" },
    link: { link: "src/a.js" },
    "empty/none": { folder: true },
    "secret.key": "k",
    "private/x": "x",
  });
  chmodSync(join(folder.root, "secret.key"), 0o600);
  chmodSync(join(folder.root, "run"), 0o4755);
  chmodSync(join(folder.root, "private"), 0o700);
  chmodSync(join(folder.root, "empty/none"), 0o1777);
  expect(await linesOf(folder)).toEqual([
    "100644 Dockerfile",
    "041777 empty/none",
    "120000 link",
    "040700 private",
    "100644 private/x",
    "104755 run",
    "100600 secret.key",
    "100644 src/a.js",
  ]);
});

test("files that git ignores are read, and .git is reported and not looked into", async () => {
  const made = await newRepository({ Dockerfile: copyAll, ".gitignore": "dist\n" });
  await made.write({ "dist/app.js": "built" });
  const read = await folderInputsOf(made);
  expect(read.inputs.files.map(({ path }) => path)).toEqual([".gitignore", "Dockerfile", "dist/app.js"]);
  expect(read.gitFolders).toEqual([".git"]);
  expect(read.inputs.fingerprint).toBeNull();
  expect(read.inputs.volatile?.because).toContain('".git" is read');
});

test.each([
  ["what leaves .git out", { ".dockerignore": ".git\n" }, copyAll, []],
  ["what takes single files", {}, "FROM scratch\nCOPY src /src\n", []],
  ["a file of .git", {}, "FROM scratch\nCOPY .git/HEAD /x\n", [".git"]],
  ["a pattern in .git", {}, "FROM scratch\nCOPY .git/HE* /x\n", [".git"]],
  ["a mount of .git", {}, "FROM scratch\nRUN --mount=source=.git,target=/g true\n", [".git"]],
  ["a .git further below", { ".dockerignore": "/.git\n", "vendor/lib/.git/HEAD": "x" }, copyAll, ["vendor/lib/.git"]],
] satisfies [string, Record<string, TestFile>, string, string[]][])(
  "%s decides whether .git is an input",
  async (_what, files, dockerfile, expected) => {
    const folder = await newFolder({ Dockerfile: dockerfile, "src/a": "a", ".git/HEAD": "ref: x", ...files });
    const read = await folderInputsOf(folder);
    expect(read.gitFolders).toEqual(expected);
    expect(read.inputs.fingerprint === null).toBe(expected.length > 0);
  },
);

test("files of .git that an exception brings back are files like others", async () => {
  const folder = await newFolder({
    Dockerfile: copyAll,
    ".dockerignore": "*\n!.git/HEAD\n",
    ".git/HEAD": "ref: x",
    ".git/index": "i",
  });
  expect(await linesOf(folder)).toEqual(["100644 .git/HEAD"]);
});

test("a clean checkout gives the paths and modes that its git tree gives", async () => {
  const made = await newRepository({
    Dockerfile: copyAll,
    ".dockerignore": ".git\n",
    "a/b/c.txt": "c",
    "run.sh": { script: "x" },
    link: { link: "a" },
  });
  const [git, folder] = [await inputsOf(made), await folderInputsOf(made)];
  const lines = (files: typeof git.inputs.files): string[] => files.map(({ path, mode }) => `${mode} ${path}`);
  expect(lines(folder.inputs.files)).toEqual(lines(git.inputs.files));
});

test("content, permission bits, a link's target and a folder's mode change the fingerprint; times do not", async () => {
  const folder = await newFolder({ Dockerfile: copyAll, "a/x": "1", link: { link: "a" } });
  const place = (path: string): string => join(folder.root, path);
  const seen = [await fingerprintOf(folder)];
  utimesSync(place("a/x"), 1000, 1000);
  expect(await fingerprintOf(folder)).toBe(seen[0]);
  const changes = [
    () => writeFileSync(place("a/x"), "2"),
    () => chmodSync(place("a/x"), 0o640),
    () => chmodSync(place("a"), 0o750),
    () => execFileSync("ln", ["-sfn", "b", place("link")]),
    () => mkdirSync(place("new")),
    () => linkSync(place("a/x"), place("z")),
  ];
  for (const change of changes) {
    change();
    const now = await fingerprintOf(folder);
    expect(seen).not.toContain(now);
    seen.push(now);
  }
  writeFileSync(place("copy"), "2", { mode: 0o640 });
  execFileSync("mv", [place("copy"), place("z")]);
  expect(seen).not.toContain(await fingerprintOf(folder));
});

test("the folder that is copied itself counts without its mode, as BuildKit makes it anew", async () => {
  const folder = await newFolder({ Dockerfile: "FROM scratch\nCOPY a /app\n", "a/x": "1" });
  const before = await fingerprintOf(folder);
  chmodSync(join(folder.root, "a"), 0o700);
  expect(await fingerprintOf(folder)).toBe(before);
});

test("a folder that is mounted counts with its mode, and the context itself without", async () => {
  const folder = await newFolder({
    Dockerfile: "FROM scratch\nRUN --mount=source=a,target=/a --mount=source=.,target=/b ls\n",
    "a/x": "1",
  });
  const before = await fingerprintOf(folder);
  chmodSync(folder.root, 0o750);
  expect(await fingerprintOf(folder)).toBe(before);
  chmodSync(join(folder.root, "a"), 0o700);
  expect(await fingerprintOf(folder)).not.toBe(before);
});

test("a folder that the ignore file leaves out is not walked, where BuildKit would not", async () => {
  const folder = await newFolder({
    Dockerfile: copyAll,
    ".dockerignore": "node_modules\nlogs\n!logs/keep\n",
    "node_modules/x/y": "y",
    "logs/keep": "k",
    "logs/other": "o",
    a: "a",
  });
  const { tree, service } = await folderInputsOf(folder);
  expect(await linesOf(folder)).toEqual(["100644 .dockerignore", "100644 Dockerfile", "100644 a", "100644 logs/keep"]);
  const listing = await tree.list(service.context, {
    isIgnored: (path) => path.startsWith("node_modules"),
    isSkipped: (path) => path === "node_modules",
  });
  expect(listing.paths).toEqual([".dockerignore", "Dockerfile", "a", "logs/keep", "logs/other"]);
});

test("contents are read only where an instruction takes them", async () => {
  const folder = await newFolder({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "a", b: "b" });
  makePipe(join(folder.root, "pipe"));
  // A file that is read in no case: reading it would wait for a writer.
  expect(await linesOf(folder)).toEqual(["100644 a"]);
});

test("a pipe, a device's and a socket's kind count as BuildKit takes them", async () => {
  const folder = await newFolder({ Dockerfile: "FROM scratch\nCOPY special /\n", "special/a": "" });
  const place = (name: string): string => join(folder.root, "special", name);
  makePipe(place("pipe"));
  const server = createServer().listen(place("socket"));
  await new Promise<void>((resolve) => server.once("listening", resolve));
  chmodSync(place("socket"), 0o755);
  try {
    const { inputs } = await folderInputsOf(folder);
    const [empty, pipe, socket] = inputs.files;
    expect(pipe?.mode).toBe("010600");
    expect(socket).toMatchObject({ mode: "100755", digest: empty?.digest });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test("a Dockerfile outside the context has its own ignore file, and paths are those of the current folder", async () => {
  const folder = await newFolder({
    "docker/api.Dockerfile": copyAll,
    "docker/api.Dockerfile.dockerignore": "b\n",
    "app/.dockerignore": "a\n",
    "app/a": "a",
    "app/b": "b",
  });
  const options = { context: "app", dockerfile: "docker/api.Dockerfile" };
  expect(await linesOf(folder, options)).toEqual(["100644 app/.dockerignore", "100644 app/a"]);
});

test("a context outside the current folder and its repository is read", async () => {
  const [outside, here] = [await newFolder({ "web/a": "a" }), await newRepository({ Dockerfile: copyAll })];
  const read = await folderInputsOf(here, { context: join(outside.root, "web"), dockerfile: "Dockerfile" });
  expect(read.inputs.files.map(({ path }) => path)).toEqual([join(outside.root, "web/a").slice("/tmp/".length)]);
});

test("a context that is a link stands for its folder, and the place of the folder does not count", async () => {
  const folder = await newFolder({ "real/Dockerfile": copyAll, "real/a": "a" });
  symlinkSync("real", join(folder.root, "current"));
  expect(await linesOf(folder, { context: "current" })).toEqual(["100644 real/Dockerfile", "100644 real/a"]);
  const other = await newFolder({ Dockerfile: copyAll, a: "a" });
  expect(await fingerprintOf(folder, { context: "current" })).toBe(await fingerprintOf(other));
});

test("a Dockerfile of standard input is none of the files, also where a file has its name", async () => {
  const folder = await newFolder({ "-": "a file", "--.dockerignore": "*\n", ".dockerignore": "b\n", a: "a", b: "b" });
  const read = await folderInputsOf(folder, { dockerfile: { content: Buffer.from(copyAll) } });
  expect(read.inputs.files.map(({ path }) => path)).toEqual(["-", "--.dockerignore", ".dockerignore", "a"]);
  expect(read.inputs.instructions).toContain("COPY . /app");
});

test("a dockerfile is taken where there is no Dockerfile, and links to it end in its folder", async () => {
  const small = await newFolder({ dockerfile: copyAll });
  expect(await linesOf(small)).toEqual(["100644 dockerfile"]);
  const linked = await newFolder({ "docker/common": copyAll, "docker/Dockerfile": { link: "/common" } });
  expect(await linesOf(linked, { dockerfile: "docker/Dockerfile", context: "docker" })).toHaveLength(2);
  const away = await newFolder({ common: copyAll, "docker/Dockerfile": { link: "../common" } });
  await expect(folderInputsOf(away, { context: "docker" })).rejects.toThrow("the Dockerfile of service");
});

test("named contexts that are folders are read beside the context, each with its own ignore file", async () => {
  const folder = await newFolder({
    "app/Dockerfile": "FROM scratch\nCOPY a /\nCOPY --from=lib . /lib/\n",
    "app/a": "a",
    "lib/.dockerignore": "out\n",
    "lib/in": "i",
    "lib/out": "o",
  });
  expect(await linesOf(folder, { context: "app", contexts: { lib: "lib" } })).toEqual([
    "100644 app/a",
    "100644 lib/.dockerignore lib",
    "100644 lib/in lib",
  ]);
});

test("a folder that is not there is named", async () => {
  const folder = await newFolder({ Dockerfile: copyAll });
  await expect(folderInputsOf(folder, { context: "gone" })).rejects.toMatchObject({
    code: "configuration",
    message: 'the build context is not there, or is no folder: "gone"',
  });
});

test("a name that is not UTF-8 is an error where it is part of the build", async () => {
  const folder = await newFolder({ Dockerfile: "FROM scratch\nCOPY b /\n", b: "b", "odd/a": "a" });
  writeFileSync(Buffer.concat([Buffer.from(`${folder.root}/odd/`), Buffer.from([0xff])]), "x");
  expect(await linesOf(folder)).toEqual(["100644 b"]);
  await folder.write({ Dockerfile: "FROM scratch\nCOPY odd /\n" });
  await expect(folderInputsOf(folder)).rejects.toMatchObject({ kind: "files-unreadable" });
});

/** Root may read everything. */
const isRoot = process.getuid?.() === 0;

test.skipIf(isRoot)(
  "what this user may not read is an error where it is part of the build, and only there",
  async () => {
    const folder = await newFolder({ Dockerfile: "FROM scratch\nCOPY b /\n", b: "b", "data/x": "x", "src/key": "k" });
    const place = (path: string): string => join(folder.root, path);
    chmodSync(place("data"), 0o000);
    chmodSync(place("src/key"), 0o000);
    expect(await linesOf(folder)).toEqual(["100644 b"]);
    const failures = [
      ["COPY data /", "data"],
      ["COPY data/x /", "data"],
      ["COPY src /", "src/key"],
    ] as const;
    for (const [instruction, path] of failures) {
      await folder.write({ Dockerfile: `FROM scratch\n${instruction}\n` });
      await expect(folderInputsOf(folder), instruction).rejects.toMatchObject({
        kind: "files-unreadable",
        message: `"${path}" is part of a build, and this user may not read it`,
      });
    }
    await folder.write({ Dockerfile: copyAll, ".dockerignore": "data\nsrc\n" });
    expect(await linesOf(folder)).toEqual(["100644 .dockerignore", "100644 Dockerfile", "100644 b"]);
  },
);

test("a file that changes keeps no digest of before, also with size and time kept", async () => {
  const folder = await newFolder({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "1" });
  const place = join(folder.root, "a");
  utimesSync(place, 1000, 1000);
  const before = await fingerprintOf(folder);
  writeFileSync(place, "2");
  utimesSync(place, 1000, 1000);
  expect(readFileSync(place, "utf8")).toBe("2");
  expect(await fingerprintOf(folder)).not.toBe(before);
});

/** Whether files can be given capabilities here: for that one must be root, on a file system that keeps them. */
function giveCapabilities(place: string, capabilities: string): boolean {
  try {
    execFileSync("sh", ["-c", 'setcap "$1" "$2"', "sh", capabilities, place], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test("capabilities of a program count, as layers keep them", async ({ skip }) => {
  const folder = await newFolder({ Dockerfile: "FROM scratch\nCOPY run /\n", run: { script: "x" } });
  const plain = await folderInputsOf(folder);
  skip(!giveCapabilities(join(folder.root, "run"), "cap_net_raw=ep"), "no file can be given capabilities here");
  const able = await folderInputsOf(folder);
  expect(able.inputs.files[0]?.digest).toBe(`${plain.inputs.files[0]?.digest}+cap_net_raw=ep`);
});
