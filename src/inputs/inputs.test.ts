import { expect, test } from "vitest";
import { type Digest, digestOf } from "../model/digest.ts";
import type { Service } from "../model/service.ts";
import type { TestFile } from "../source/testing/repository.ts";
import type { TreeOptions } from "../source/tree/tree.ts";
import { diffInputs } from "./diff.ts";
import { filesDigest, fingerprintOf } from "./fingerprint.ts";
import type { PinnedBase, Lookups } from "./request.ts";
import { inputsOf, makeLookups } from "./testing/service.ts";
import { newRepository } from "../source/testing/new-repository.ts";

type Changes = Partial<Service>;
type Options = { lookups?: Lookups | "offline"; platform?: string } & TreeOptions;

async function pathsOf(
  files: Record<string, TestFile>,
  changes: Changes = {},
  options: Options = {},
): Promise<string[]> {
  const { inputs } = await inputsOf(await newRepository(files), changes, options);
  return inputs.files.map(({ path, mode }) => (mode === "040000" ? `${path}/` : path));
}

/** Files of a repository in which much is there to be copied or not. */
const many = {
  "a.txt": "a",
  "b.txt": "b",
  "dir/one.js": "1",
  "dir/two.js": "2",
  "dir/readme.md": "r",
  "dir/sub/three.js": "3",
  "dir2/four.js": "4",
  "other/five.js": "5",
  "odd name/ü\n.txt": "odd",
};

const dockerfile = (...lines: string[]): string => `FROM scratch\n${lines.join("\n")}\n`;

test.each<[string, string[], string[]]>([
  ["a file", ["COPY a.txt /"], ["a.txt"]],
  ["a path from the root or above it", ["COPY /a.txt ../b.txt /"], ["a.txt", "b.txt"]],
  ["a folder", ["COPY dir /x"], ["dir/one.js", "dir/readme.md", "dir/sub/three.js", "dir/two.js"]],
  ["a JSON form with blanks", ['COPY ["odd name/", "/x"]'], ["odd name/ü\n.txt"]],
  ["a wildcard that matches files", ["COPY *.txt /"], ["a.txt", "b.txt"]],
  ["a wildcard that matches a folder", ["COPY o*r /"], ["other/five.js"]],
  ["a wildcard in the middle", ["COPY dir*/*.js /"], ["dir/one.js", "dir/two.js", "dir2/four.js"]],
  ["a wildcard that matches nothing", ["COPY *.none /"], []],
  ["a folder without what is excluded", ["COPY --exclude=*.js --exclude=sub dir /x"], ["dir/readme.md"]],
  ["a folder that exclusion leaves empty", ["COPY --exclude=**/*.js dir /x"], ["dir/readme.md", "dir/sub/"]],
  ["a file that exclusion cannot touch", ["COPY --exclude=*.txt a.txt /x"], ["a.txt"]],
  ["parents with a pattern over folders", ["COPY --parents dir/**/three.js /"], ["dir/sub/three.js"]],
  ["parents with a pattern before the pivot", ["COPY --parents d*r/./sub/*.js /"], ["dir/sub/three.js"]],
  ["a bind mount", ["RUN --mount=type=bind,source=other,target=/o true"], ["other/five.js"]],
  ["nothing for a cache mount", ["RUN --mount=type=cache,target=/c true"], []],
  ["an ADD of a file", ["ADD b.txt /"], ["b.txt"]],
  ["an arg in a source", ["ARG WHICH=a", "COPY $WHICH.txt /"], ["a.txt"]],
  ["nothing for a heredoc", ["COPY <<EOT /x", "a.txt", "EOT"], []],
])("%s decides what is read", async (_name, lines, expected) => {
  expect(await pathsOf({ ...many, Dockerfile: dockerfile(...lines) })).toEqual(expected);
});

test("the whole context holds everything but what the ignore file leaves out, itself and the Dockerfile included", async () => {
  const files = {
    ...many,
    Dockerfile: dockerfile("COPY . /"),
    ".dockerignore": "dir/*\n!dir/sub\nother\n*.txt\nodd*\n",
  };
  expect(await pathsOf(files)).toEqual([".dockerignore", "Dockerfile", "dir/sub/three.js", "dir2/four.js"]);
});

test("a folder whose content is ignored comes along empty", async () => {
  const files = { ...many, Dockerfile: dockerfile("COPY dir /x", "COPY other /y"), ".dockerignore": "dir/*\nother\n" };
  await expect(pathsOf(files)).rejects.toMatchObject({ message: expect.stringContaining('COPY "other"') });
  expect(await pathsOf({ ...files, Dockerfile: dockerfile("COPY dir /x") })).toEqual(["dir/"]);
});

test("the ignore file of the Dockerfile's own comes before that of the context", async () => {
  const files = {
    ...many,
    "docker/x": dockerfile("COPY dir /"),
    ".dockerignore": "**",
    "docker/x.dockerignore": "*/*.md\n**/sub",
  };
  expect(await pathsOf(files, { dockerfile: "docker/x" })).toEqual(["dir/one.js", "dir/two.js"]);
});

/** As BuildKit reads them, which is handed the context's folder and the Dockerfile's folder and nothing beyond. */
test.each<[string, string, Record<string, TestFile>, boolean]>([
  ["a link out of the context", "app", { "app/.dockerignore": { link: "../ign" }, ign: "b" }, false],
  [
    "a link out of the context and in again",
    "app",
    { "app/.dockerignore": { link: "../app/d/ign" }, "app/d/ign": "b" },
    false,
  ],
  ["a link within the context", "app", { "app/.dockerignore": { link: "d/ign" }, "app/d/ign": "b" }, true],
  [
    "a link through another one",
    "app",
    { "app/.dockerignore": { link: "l/ign" }, "app/l": { link: "d" }, "app/d/ign": "b" },
    true,
  ],
  [
    "an absolute link, from the context's root",
    "app",
    { "app/.dockerignore": { link: "/d/ign" }, "app/d/ign": "b" },
    true,
  ],
  [
    "a link above the root, which is the root",
    "app",
    { "app/.dockerignore": { link: "../d/ign" }, "app/d/ign": "b" },
    true,
  ],
  ["a link to nowhere", "app", { "app/.dockerignore": { link: "nowhere" } }, false],
  ["a link to itself", "app", { "app/.dockerignore": { link: ".dockerignore" } }, false],
  ["a folder", "app", { "app/.dockerignore/x": "b" }, false],
  [
    "a link out of the Dockerfile's folder",
    "docker",
    { "docker/Dockerfile.dockerignore": { link: "../ign" }, ign: "b" },
    false,
  ],
  [
    "a link within the Dockerfile's folder",
    "docker",
    { "docker/Dockerfile.dockerignore": { link: "x/ign" }, "docker/x/ign": "b" },
    true,
  ],
  [
    "the context's where the Dockerfile's own leads nowhere",
    "docker",
    { "docker/Dockerfile.dockerignore": { link: "../ign" }, ign: "a", "app/.dockerignore": "b" },
    true,
  ],
])("an ignore file counts where BuildKit finds it: %s", async (_name, folder, more, isIgnored) => {
  const files = { [`${folder}/Dockerfile`]: dockerfile("COPY [ab] /"), "app/a": "a", "app/b": "b", ...more };
  const paths = await pathsOf(files, { context: "app", dockerfile: `${folder}/Dockerfile` });
  expect(paths).toEqual(isIgnored ? ["app/a"] : ["app/a", "app/b"]);
});

test("the ignore file of a named folder counts where BuildKit finds it", async () => {
  const files = { Dockerfile: dockerfile("COPY --from=x . /"), "x/a": "a", "x/b": "b", ign: "b" };
  const changes: Changes = { contexts: { x: { kind: "folder", path: "x" } } };
  expect(await pathsOf({ ...files, "x/.dockerignore": { link: "../ign" } }, changes)).toContain("x/b");
  expect(await pathsOf({ ...files, "x/.dockerignore": { link: "a" }, "x/a": "b" }, changes)).not.toContain("x/b");
});

test.each<[string, Record<string, TestFile>, Changes]>([
  ["the context", { link: { link: "real" } }, { context: "link", dockerfile: "real/Dockerfile" }],
  [
    "the context, by way of two",
    { l1: { link: "l2" }, l2: { link: "./real/" } },
    { context: "l1", dockerfile: "real/Dockerfile" },
  ],
  ["a folder on the way", { link: { link: "." } }, { context: "link/real", dockerfile: "link/real/Dockerfile" }],
  ["the Dockerfile's folder", { link: { link: "real" } }, { context: "real", dockerfile: "link/Dockerfile" }],
])("a symlink to a folder stands for the folder: %s", async (_name, links, changes) => {
  const files = {
    "real/Dockerfile": dockerfile("COPY . /"),
    "real/a": "a",
    "real/b": "b",
    "real/.dockerignore": "b\nDockerfile",
  };
  const { inputs, contexts } = await inputsOf(await newRepository({ ...files, ...links }), changes);
  expect(inputs.files.map(({ path }) => path)).toEqual(["real/.dockerignore", "real/a"]);
  expect(contexts.map(({ root }) => root)).toEqual(["real"]);
});

test("a context that is a link out of the repository is not there", async () => {
  for (const link of ["../elsewhere", "/etc", "gone"]) {
    const files = { Dockerfile: dockerfile("COPY . /"), link: { link } };
    await expect(pathsOf(files, { context: "link" })).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringContaining('is not there: "link"'),
    });
  }
});

test("paths of a context below the root are those of the repository", async () => {
  const files = { ...many, "dir/Dockerfile": dockerfile("COPY sub one.js /"), "dir/.dockerignore": "nothing" };
  const paths = await pathsOf(files, { context: "dir", dockerfile: "dir/Dockerfile" });
  expect(paths).toEqual(["dir/one.js", "dir/sub/three.js"]);
});

test("a symlink that is a source, or on the way to one, brings its target", async () => {
  const files = {
    Dockerfile: dockerfile("COPY current/app.js link /x/", "COPY w* /y"),
    current: { link: "releases/2" },
    "releases/2": { link: "/real" },
    "real/app.js": "app",
    link: { link: "sub/../up" },
    up: { link: "data.txt" },
    "data.txt": "d",
    "sub/no.txt": "n",
    wild: { link: "sub" },
  };
  expect(await pathsOf(files)).toEqual([
    "current",
    "data.txt",
    "link",
    "real/app.js",
    "releases/2",
    "sub/no.txt",
    "up",
    "wild",
  ]);
});

test("a `..` in a symlink leads back to where the text before it began, whatever is or is not there", async () => {
  const files = {
    Dockerfile: dockerfile("COPY gone /x/", "COPY round /y/"),
    gone: { link: "nowhere/../up" },
    round: { link: "away/../up" },
    away: { link: "sub/deep" },
    "sub/deep/no.txt": "n",
    "sub/up": "not this one",
    up: "u",
  };
  expect(await pathsOf(files)).toEqual(["gone", "round", "up"]);
});

test("a symlink inside a copied folder is taken as a link", async () => {
  const files = { Dockerfile: dockerfile("COPY dir /x"), "dir/l": { link: "../out.txt" }, "out.txt": "o" };
  expect(await pathsOf(files)).toEqual(["dir/l"]);
});

test("a symlink that a pattern picks is followed, since BuildKit looks where it ends", async () => {
  const files = { "dir/l": { link: "../out.txt" }, "dir/no.md": "n", "out.txt": "o" };
  const expected = ["dir/l", "out.txt"];
  expect(await pathsOf({ ...files, Dockerfile: dockerfile("COPY --exclude=*.md dir /x") })).toEqual(expected);
  expect(await pathsOf({ ...files, Dockerfile: dockerfile("COPY --parents dir/l* /x") })).toEqual(expected);
});

test("a source that is a symlink to nothing is a fault whose hint is about the link, also beside an ignore file", async () => {
  const files = { "d/l1": { link: "l2" }, "d/l2": { link: "l1" }, ".dockerignore": "" };
  await expect(pathsOf({ ...files, Dockerfile: dockerfile("COPY d/l1 /o/") })).rejects.toMatchObject({
    code: "configuration",
    hint: '"d/l1" is a symlink that leads to nothing in the context: mend or remove it',
  });
});

test("a source that is not there is a fault with its line, and the hint names the ignore file that hides it", async () => {
  const files = {
    "api/Dockerfile": "FROM scratch\n\nCOPY x.txt gone /\n",
    "api/x.txt": "x",
    "api/.dockerignore": "x.txt",
  };
  await expect(pathsOf(files, { context: "api", dockerfile: "api/Dockerfile" })).rejects.toMatchObject({
    code: "configuration",
    message:
      'api/Dockerfile:3: COPY "x.txt": nothing matches in context "api"\n' +
      'api/Dockerfile:3: COPY "gone": nothing matches in context "api"',
    hint: expect.stringContaining("api/.dockerignore leaves it out"),
  });
  const inNoFolder = { Dockerfile: dockerfile("COPY gone/*.txt /"), "a.txt": "a" };
  await expect(pathsOf(inNoFolder)).rejects.toMatchObject({ message: expect.stringContaining('"gone/*.txt"') });
  await expect(pathsOf({ "a.txt": "" })).rejects.toMatchObject({ message: expect.stringContaining("Dockerfile") });
  await expect(pathsOf({ Dockerfile: dockerfile() }, { context: "nowhere" })).rejects.toMatchObject({
    code: "configuration",
  });
});

test("links that go round in circles lead nowhere", async () => {
  const files = { Dockerfile: dockerfile("COPY a /"), a: { link: "b" }, b: { link: "a" } };
  await expect(pathsOf(files)).rejects.toMatchObject({ message: expect.stringContaining('COPY "a"') });
});

// Each row was built with Docker Engine 28.5.2.
test.each<[string, Record<string, TestFile>, string, string | undefined]>([
  [
    "matches nothing where nothing else of its folder is sent",
    { "B/a": "1" },
    'COPY ["B/*z", "/o/"]',
    'COPY "B/*z": nothing matches',
  ],
  ["matches nothing in folders below it", { "B/a/q": "1" }, "COPY B/*/z /o/", 'COPY "B/*/z": nothing matches'],
  ["matches nothing in a file", { f: "1" }, "COPY f/* /o/", 'COPY "f/*": nothing matches'],
  ["matches what is ignored", { "B/a": "1", "B/z": "2", ".dockerignore": "B/z" }, "COPY B/*z /o/", "nothing matches"],
  [
    "matches nothing in a folder that a link leads to",
    { "B/a": "1", L: { link: "B" } },
    "COPY L/*z /o/",
    "nothing matches",
  ],
  ["matches nothing of a folder that another read takes from", { "B/a": "1" }, "COPY B/a B/*z /o/", undefined],
  ["matches nothing of a folder below which another read takes", { "B/b/r": "1" }, "COPY B/b B/*/z /o/", undefined],
  ["matches nothing in the context's root", { a: "1" }, "COPY *z /o/", undefined],
  ["matches a link to itself", { "d/a": "1", "d/l": { link: "l" } }, "COPY d/* /o/", 'it matches the symlink "d/l"'],
  ["matches links in a circle", { "d/l": { link: "m" }, "d/m": { link: "l" } }, "COPY d/* /o/", 'the symlink "d/l"'],
  ["matches a link to nothing", { a: "1", l: { link: "nowhere" } }, "COPY * /o/", 'it matches the symlink "l"'],
  ["names the folder of such a link", { "d/a": "1", "d/l": { link: "l" } }, "COPY d /o/", undefined],
  ["is no pattern", { a: "1" }, "COPY [a* /o/", 'COPY "[a*" is no pattern that BuildKit can use'],
  ["is no pattern behind a star", { a1: "1" }, "COPY a*[x-] /o/", 'COPY "a*[x-]" is no pattern'],
  ["is no pattern of an ignore file", { a: "1" }, "COPY [b-a]* /o/", 'COPY "[b-a]*" is no pattern'],
])("a source that %s is refused before the build, or taken, as BuildKit does", async (_, files, line, fault) => {
  const paths = pathsOf({ ...files, Dockerfile: dockerfile("", line) });
  if (fault === undefined) return expect(paths).resolves.toBeDefined();
  await expect(paths).rejects.toMatchObject({
    code: "configuration",
    message: expect.stringMatching(/^Dockerfile:3(?::1)?: /),
  });
  await expect(paths).rejects.toThrow(fault);
});

test.each(["[x-]", "[]a]", "a\\", "!"])("the line %j of an ignore file is refused before the build", async (line) => {
  const files = { Dockerfile: dockerfile("COPY . /"), ".dockerignore": `b\n${line}` };
  await expect(pathsOf(files)).rejects.toThrow(`.dockerignore:2:1: "${line}" is no pattern that BuildKit can use`);
});

test("a pattern that is no expression is refused where any file of the context is tried on it", async () => {
  const files = { Dockerfile: dockerfile("COPY a /"), a: "1", "other/b": "2" };
  await expect(pathsOf({ ...files, ".dockerignore": "a\nDockerfile\n.dockerignore\n*[b-a]" })).rejects.toThrow(
    ".dockerignore:4:1: ",
  );
  expect(await pathsOf({ ...files, ".dockerignore": "none\n!*[b-a]" })).toEqual(["a"]);
});

test("a file whose name is 200 times a is matched against stars at once", async () => {
  const name = `d/${"a".repeat(200)}`;
  const files = { Dockerfile: dockerfile("COPY d/*a*a*a*a*b* . /"), ".dockerignore": "d/*a*a*a*a*b*", [name]: "1" };
  expect(await pathsOf(files)).toContain(name);
});

test("a submodule that is not there is an error only where it is read", async () => {
  const library = await newRepository({ "lib.c": "one" });
  const each = await newRepository({
    Dockerfile: dockerfile("COPY a.txt /"),
    "a.txt": "a",
    "all.Dockerfile": dockerfile("COPY . /"),
  });
  await each.git("submodule", "--quiet", "add", library.root, "lib");
  await each.commit();
  await each.git("submodule", "--quiet", "deinit", "--force", "lib");
  expect((await inputsOf(each)).inputs.files).toHaveLength(1);
  await expect(inputsOf(each, { dockerfile: "all.Dockerfile" })).rejects.toMatchObject({
    hint: expect.stringContaining("git submodule update --init"),
  });
});

test("a named folder is a context of its own, with its own ignore file", async () => {
  const files = { ...many, Dockerfile: dockerfile("COPY --from=lib . /"), "dir/.dockerignore": "*.md\nsub" };
  const { inputs, contexts } = await inputsOf(await newRepository(files), {
    contexts: { lib: { kind: "folder", path: "dir" } },
  });
  expect(inputs.files.map(({ path }) => path)).toEqual(["dir/.dockerignore", "dir/one.js", "dir/two.js"]);
  expect(inputs.contexts).toMatchObject([
    { name: "lib", kind: "folder", of: "dir", digest: expect.stringMatching(/^sha256:/) },
  ]);
  expect(contexts.map(({ name, root, files: own }) => [name, root, own.length])).toEqual([
    [null, ".", 0],
    ["lib", "dir", 3],
  ]);
});

test("contexts over the same files keep lists of their own", async () => {
  const files = { "src/a": "a", "src/b": "b", "docker/Dockerfile": "FROM scratch\nCOPY . /m/\nCOPY --from=x . /x/\n" };
  const each = await newRepository({ ...files, "docker/Dockerfile.dockerignore": "b\n" });
  const changes: Changes = {
    context: "src",
    dockerfile: "docker/Dockerfile",
    contexts: { x: { kind: "folder", path: "src" } },
  };
  const before = await inputsOf(each, changes);
  await each.commit({ "docker/Dockerfile.dockerignore": "# b\n" });
  const after = await inputsOf(each, changes);
  const listOf = ({ inputs }: typeof before): unknown =>
    inputs.files.map(({ path, context }) => [context ?? null, path]);
  expect(listOf(before)).toEqual([
    [null, "src/a"],
    ["x", "src/a"],
    ["x", "src/b"],
  ]);
  expect(listOf(after)).toEqual([
    [null, "src/a"],
    [null, "src/b"],
    ["x", "src/a"],
    ["x", "src/b"],
  ]);
  expect(after.inputs.fingerprint).not.toBe(before.inputs.fingerprint);
  expect(diffInputs(before.inputs, after.inputs)).toEqual([{ what: "file", name: "src/b", change: "added" }]);
});

test("each context's list of files decides the fingerprint by itself", async () => {
  const contexts = ["", "one", "two"];
  const names = ["a", "b"];
  const lists = names.reduce<string[][]>((all, name) => [...all, ...all.map((list) => [...list, name])], [[]]);
  const { definition } = await inputsOf(await newRepository({ Dockerfile: "FROM scratch\n" }));
  const seen = new Map<string, string>();
  const filesOf = (paths: readonly string[] = []): Digest =>
    filesDigest({ root: ".", files: paths.map((path) => ({ path, mode: "100644", digest: `sha1:${path}` })) });
  const combine = (rest: readonly string[], chosen: readonly (readonly string[])[]): void => {
    const [, ...others] = rest;
    if (rest.length > 0) {
      for (const list of lists) combine(others, [...chosen, list]);
      return;
    }
    const folders = contexts.slice(1).map((name, index) => {
      return { name, kind: "folder", of: "", digest: filesOf(chosen[index + 1]) } as const;
    });
    const fingerprint = fingerprintOf({ ...definition, context: filesOf(chosen[0]), contexts: folders });
    const what = JSON.stringify(chosen);
    expect(seen.get(fingerprint) ?? what).toBe(what);
    seen.set(fingerprint, what);
  };
  combine(contexts, []);
  expect(seen.size).toBe(lists.length ** contexts.length);
});

test("a name that is used on two platforms is pinned to an image for each", async () => {
  const each = await newRepository({
    Dockerfile: "FROM --platform=$BUILDPLATFORM tool AS t\nFROM tool\nCOPY --from=t / /\n",
  });
  const imageOn = (platform: string): PinnedBase => ({
    digest: digestOf(platform),
    pin: `registry.test/tool@${digestOf(platform)}`,
    config: { env: {}, onBuild: [] },
  });
  const lookups = makeLookups({ service: (_name, platform) => imageOn(platform) });
  const { sources } = await inputsOf(
    each,
    { contexts: { tool: { kind: "service", service: "tool" } } },
    { lookups, platform: "linux/arm64" },
  );
  expect(sources.pins).toEqual({
    "tool::linux/amd64": `docker-image://${imageOn("linux/amd64").pin}`,
    "tool::linux/arm64": `docker-image://${imageOn("linux/arm64").pin}`,
  });
});

test("bases, images and git contexts are pinned to what they are now", async () => {
  const lines = [
    "FROM node:24 AS build",
    "COPY --from=busybox:1 /bin/sh /sh",
    "FROM tools",
    "COPY --from=src . /",
    "COPY --from=build /sh /",
  ];
  const { inputs, sources } = await inputsOf(await newRepository({ Dockerfile: lines.join("\n") }), {
    contexts: {
      tools: { kind: "image", reference: "registry.test/tools:2" },
      src: { kind: "git", url: "https://me:se@cret@git.test/src.git#main:lib" },
      unused: { kind: "image", reference: "never/asked" },
    },
  });
  expect(inputs.bases.map(({ reference }) => reference)).toEqual(["busybox:1", "node:24"]);
  expect(inputs.contexts.map(({ name, of }) => [name, of])).toEqual([
    ["src", "https://git.test/src.git#main:lib"],
    ["tools", "registry.test/tools:2"],
  ]);
  expect(sources.pins).toEqual({
    "busybox:1": `docker-image://registry.test/base@${digestOf("busybox:1")}`,
    "node:24": `docker-image://registry.test/base@${digestOf("node:24")}`,
    tools: `docker-image://registry.test/base@${digestOf("registry.test/tools:2")}`,
    src: "https://me:se@cret@git.test/src.git#c0ffee0000000000000000000000000000000000:lib",
  });
});

test("a service that needs another's image has no fingerprint until that is known", async () => {
  const each = await newRepository({ Dockerfile: "FROM base\n" });
  const changes: Changes = { contexts: { base: { kind: "service", service: "base" } } };
  const before = await inputsOf(each, changes);
  expect(before.inputs.fingerprint).toBeNull();
  const image = {
    digest: digestOf("base"),
    pin: `registry.test/base@${digestOf("base")}`,
    config: { env: {}, onBuild: [] },
  };
  const after = await inputsOf(each, changes, { lookups: makeLookups({ service: () => image }) });
  expect(after.inputs.fingerprint).toMatch(/^sha256:/);
  expect(after.sources.pins).toEqual({ base: `docker-image://${image.pin}` });
});

test("a base's ENV and ONBUILD decide what is read", async () => {
  const each = await newRepository({ ...many, Dockerfile: "FROM app\nCOPY $WHICH /\n" });
  const config = { env: { WHICH: "b.txt" }, onBuild: ["COPY --from=extra /x /x", "COPY other /o"] };
  const asked: string[] = [];
  const lookups = makeLookups({
    base: async (reference, platform) => {
      asked.push(reference);
      const found = await makeLookups().base(reference, platform);
      return reference === "app" ? { ...found, config } : found;
    },
  });
  const { inputs } = await inputsOf(each, {}, { lookups });
  expect(inputs.files.map(({ path }) => path)).toEqual(["b.txt", "other/five.js"]);
  expect(inputs.bases.map(({ reference }) => reference)).toEqual(["app", "extra"]);
  expect(asked).toContain("extra");
});

test("offline nothing is looked up", async () => {
  const { inputs, sources } = await inputsOf(
    await newRepository({ Dockerfile: "FROM node:24\n" }),
    {},
    { lookups: "offline" },
  );
  expect(inputs).toMatchObject({ fingerprint: null, bases: [{ reference: "node:24", digest: null }] });
  expect(sources.pins).toEqual({});
});

test("stamps are handed to the build and do not count; what nothing declares is not handed over", async () => {
  const each = await newRepository({
    Dockerfile: "FROM scratch\nARG COMMIT\nARG MODE\nLABEL commit=$COMMIT mode=$MODE\n",
  });
  const args = (commit: string): Changes => ({
    args: {
      COMMIT: { value: commit, stamp: true },
      MODE: { value: "fast", stamp: false },
      UNUSED: { value: "u", stamp: false },
    },
  });
  const one = await inputsOf(each, args("1"));
  const two = await inputsOf(each, args("2"));
  expect(one.inputs.args).toEqual({ MODE: "fast" });
  expect([one.definition.args, one.sources.stamps]).toEqual([{ MODE: "fast" }, { COMMIT: "1" }]);
  expect(two.inputs.fingerprint).toBe(one.inputs.fingerprint);
});

test.each<[string, string, Record<string, string>, Record<string, string>]>([
  ["an arg that only RUN sees", "RUN make\n", {}, { HTTP_PROXY: "http://p2.test" }],
  ["the client's, which only RUN sees", "RUN make\n", { HTTP_PROXY: "http://p2.test" }, {}],
  ["in small letters", "RUN make\n", {}, { no_proxy: "p2.test" }],
])("a proxy is not counted and is named: %s", async (_name, lines, clientArgs, given) => {
  const each = await newRepository({ Dockerfile: `FROM base\n${lines}` });
  const args = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value, stamp: false }]));
  const without = await inputsOf(each);
  const withProxy = await inputsOf(each, { args }, { clientArgs });
  const [name] = Object.keys({ ...clientArgs, ...given });
  const from = Object.keys(given).length > 0 ? "build args" : "config.json of the Docker client";
  expect(withProxy.inputs.uncounted).toEqual([{ what: "proxy", name, from }]);
  expect(withProxy.inputs.fingerprint).toBe(without.inputs.fingerprint);
});

test("a proxy that a stage declares counts, the client's without its password, and the service's own wins", async () => {
  const each = await newRepository({ Dockerfile: "FROM base\nARG HTTP_PROXY\nRUN make\n" });
  const clientArgs = { HTTP_PROXY: "http://me:secret@proxy.test:3128" };
  const ofClient = await inputsOf(each, {}, { clientArgs });
  expect(ofClient.inputs.args).toEqual({ HTTP_PROXY: "http://proxy.test:3128" });
  expect(ofClient.inputs.uncounted).toEqual([]);
  // buildx adds it itself.
  expect([ofClient.definition.args, ofClient.sources.proxies]).toEqual([{}, {}]);
  const args = { HTTP_PROXY: { value: "http://own.test", stamp: false } };
  const ofService = await inputsOf(each, { args }, { clientArgs });
  expect(ofService.inputs.args).toEqual({ HTTP_PROXY: "http://own.test" });
  expect(new Set([ofClient, ofService, await inputsOf(each)].map(({ inputs }) => inputs.fingerprint)).size).toBe(3);
});

test("secrets, the ssh agent, stamps and args that nothing declares are named as not counted", async () => {
  const each = await newRepository({ Dockerfile: "FROM base\nARG COMMIT\nRUN make\n" });
  const { inputs } = await inputsOf(each, {
    args: { COMMIT: { value: "1", stamp: true }, UNUSED: { value: "1", stamp: true } },
    secrets: [{ id: "npmrc", from: { kind: "env", name: "NPMRC" } }],
    ssh: ["key=id_rsa"],
  });
  expect(inputs.uncounted?.map(({ what, name }) => `${what} ${name}`)).toEqual([
    "secret npmrc",
    "ssh key",
    "stamp COMMIT",
    "unread UNUSED",
  ]);
});

test("a frontend is pinned and counts by digest", async () => {
  const each = await newRepository({ Dockerfile: "# syntax=docker/dockerfile:1\nFROM scratch\nCOPY Dockerfile /\n" });
  const { sources, inputs } = await inputsOf(each);
  expect(sources.frontend).toBe(`registry.test/base@${digestOf("docker/dockerfile:1")}`);
  expect(inputs.settings["frontend"]).toBe(`docker/dockerfile:1@${digestOf("docker/dockerfile:1")}`);
});

test("an ADD from an address without a checksum makes the service volatile", async () => {
  const { inputs } = await inputsOf(
    await newRepository({ Dockerfile: dockerfile("ADD https://example.test/x.tgz /") }),
  );
  expect(inputs.volatile?.because).toContain("https://example.test/x.tgz");
});

test("a base for the build platform is an input of its own", async () => {
  const lines = "FROM --platform=$BUILDPLATFORM golang:1 AS build\nFROM golang:1\nCOPY --from=build /x /\n";
  const { inputs } = await inputsOf(await newRepository({ Dockerfile: lines }), {}, { platform: "linux/arm64" });
  expect(inputs.bases).toEqual([
    { reference: "golang:1", digest: digestOf("golang:1 linux/arm64") },
    { reference: "golang:1 (linux/amd64)", digest: digestOf("golang:1 linux/amd64") },
  ]);
  expect(inputs.settings["build-platform"]).toBe("linux/amd64");
});

test.each<[string, string, Record<string, string>?]>([
  ["as it is", "FROM evil.test/x:$T\n"],
  ["in pieces", "ARG H=${T%??}\nFROM evil.test/x:a$H\n"],
  ["in the frontend's name", "FROM scratch\n", { BUILDKIT_SYNTAX: "evil.test/${T}" }],
])("no registry is told an arg that is from a credential: %s", async (_, text, more = {}) => {
  const each = await newRepository({ Dockerfile: `ARG T\n${text}` });
  const asked: string[] = [];
  const base: Lookups["base"] = (reference) => Promise.reject(new Error(asked.push(reference).toString()));
  const args = {
    T: { value: "s3cret", stamp: false, confidential: true as const },
    ...Object.fromEntries(
      Object.entries(more).map(([name, value]) => [
        name,
        { value: value.replace("${T}", "s3cret"), stamp: false, confidential: true as const },
      ]),
    ),
  };
  await expect(inputsOf(each, { args }, { lookups: { ...makeLookups(), base } })).rejects.toMatchObject({
    code: "configuration",
    message: expect.stringContaining("depends on a build arg that looks like a credential"),
  });
  expect(asked).toEqual([]);
});

test("an arg that is from a credential may stand where nothing is looked up by it", async () => {
  const each = await newRepository({ Dockerfile: "FROM scratch\nARG T\nLABEL t=$T\n" });
  const { inputs } = await inputsOf(each, { args: { T: { value: "s3cret", stamp: false, confidential: true } } });
  expect(inputs.args).toEqual({ T: "s3cret" });
});
