import { assert, asyncProperty, constantFrom, record, tuple } from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { BuildDefinition } from "../model/build-definition.ts";
import type { Service } from "../model/service.ts";
import { makeTestRepository, type TestFile, type TestRepository } from "../source/testing/repository.ts";
import { digestOf } from "../model/digest.ts";
import { diffInputs } from "./diff.ts";
import type { ReadInputs } from "./inputs.ts";
import type { Lookups } from "./request.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { inputsOf, makeLookups, platformOf } from "./testing/service.ts";

const made: TestRepository[] = [];

afterEach(async () => {
  await Promise.all(made.splice(0).map((each) => each.dispose()));
});

const dockerfile = `ARG NODE=24
FROM node:\${NODE} AS build
# a comment
ARG MODE=fast
COPY package.json src/ /app/
RUN make $MODE

FROM other AS unused
COPY unused.txt /

FROM scratch
COPY --from=build /app /app
`;

const files: Record<string, TestFile> = {
  "api/Dockerfile": dockerfile,
  "api/.dockerignore": "*.md\n",
  "api/package.json": "{}",
  "api/src/main.js": "main",
  "api/src/run.sh": { script: "run" },
  "api/src/link": { link: "main.js" },
  "api/unused.txt": "u",
  "api/README.md": "r",
  "web/index.html": "w",
};

interface Change {
  readonly files?: Record<string, TestFile>;
  readonly remove?: readonly string[];
  readonly service?: Partial<Service>;
  readonly lookups?: Partial<Lookups>;
  readonly platform?: string;
}

async function read(each: TestRepository, change: Change = {}): Promise<ReadInputs> {
  const service = { context: "api", dockerfile: "api/Dockerfile", ...change.service };
  const { platform = "linux/amd64" } = change;
  return inputsOf(each, service, { lookups: makeLookups(change.lookups), platform });
}

/** The inputs before and after a change. */
async function around(change: Change): Promise<[before: ReadInputs, after: ReadInputs]> {
  const each = await makeTestRepository(files);
  made.push(each);
  const before = await read(each);
  await each.remove(...(change.remove ?? []));
  await each.commit(change.files);
  return [before, await read(each, change)];
}

const edited = (from: string, to: string): Change => ({ files: { "api/Dockerfile": dockerfile.replace(from, to) } });
const base = (name: string): Partial<Lookups> => ({
  base: async (reference, platform) => {
    const found = await makeLookups().base(reference, platform);
    return reference === name ? { ...found, digest: digestOf("moved") } : found;
  },
});

test.each<[string, Change, string[]]>([
  ["a file's content", { files: { "api/src/main.js": "new" } }, ["file api/src/main.js changed"]],
  [
    "an executable bit",
    { remove: ["api/src/main.js"], files: { "api/src/main.js": { script: "main" } } },
    ["file api/src/main.js changed"],
  ],
  [
    "a symlink's target",
    { remove: ["api/src/link"], files: { "api/src/link": { link: "run.sh" } } },
    ["file api/src/link changed"],
  ],
  ["a new file", { files: { "api/src/ü.js": "" } }, ["file api/src/ü.js added"]],
  ["a file that is gone", { remove: ["api/src/run.sh"] }, ["file api/src/run.sh removed"]],
  [
    "a file with another name",
    { remove: ["api/src/run.sh"], files: { "api/src/walk.sh": { script: "run" } } },
    ["file api/src/run.sh removed", "file api/src/walk.sh added"],
  ],
  ["a file that is ignored now", { files: { "api/.dockerignore": "src/run.sh" } }, ["file api/src/run.sh removed"]],
  [
    "an instruction",
    edited("RUN make $MODE", "RUN make -j $MODE"),
    ["instruction RUN make $MODE removed", "instruction RUN make -j $MODE added"],
  ],
  ["a declared arg", { service: { args: { MODE: { value: "slow", stamp: false } } } }, ["arg MODE changed"]],
  ["a base that moved", { lookups: base("node:24") }, ["base node:24 changed"]],
  [
    "another base",
    { service: { args: { NODE: { value: "22", stamp: false } } } },
    ["instruction ARG NODE=24 removed", "arg NODE changed", "base node:22 added", "base node:24 removed"],
  ],
  [
    "the target",
    { service: { target: "unused" } },
    expect.arrayContaining(["setting target added", "file api/unused.txt added"]),
  ],
  ["the platform", { platform: "linux/arm64" }, expect.arrayContaining(["setting platform changed"])],
  ["a label", { service: { labels: { a: "b" } } }, ["setting label:a added"]],
  ["an annotation", { service: { annotations: { a: "b" } } }, ["setting annotation:a added"]],
  ["the network", { service: { settings: { network: "none" } } }, ["setting network added"]],
  [
    "a secret's name and an agent's",
    { service: { secrets: [{ id: "s", from: { kind: "env", name: "S" } }], ssh: ["default"] } },
    ["setting secrets added", "setting ssh added"],
  ],
  [
    "hosts and limits",
    { service: { settings: { extraHosts: ["a:1"], ulimits: ["nofile=9"], shmSize: "1g" } } },
    ["setting extra-hosts added", "setting shm-size added", "setting ulimits added"],
  ],
])("%s changes the fingerprint, and the difference names it", async (_name, change, expected) => {
  const [before, after] = await around(change);
  expect(after.inputs.fingerprint).not.toBe(before.inputs.fingerprint);
  expect(
    diffInputs(before.inputs, after.inputs).map(({ what, name, change: how }) => `${what} ${name} ${how}`),
  ).toEqual(expected);
});

test.each<[string, Change]>([
  ["a file of another service", { files: { "web/index.html": "new" } }],
  ["a file that nothing copies", { files: { "api/new.txt": "n" } }],
  ["a file that only an unused stage copies", { files: { "api/unused.txt": "new" } }],
  ["an ignored file", { files: { "api/README.md": "new" } }],
  ["an ignore file that leaves out the same", { files: { "api/.dockerignore": "**/*.md\nnone\n" } }],
  ["a comment and blank lines", edited("# a comment\n", "# another\n\n\n")],
  ["an instruction of an unused stage", edited("COPY unused.txt /", "COPY unused.txt /elsewhere")],
  ["the base of an unused stage", { lookups: base("other") }],
  ["an arg that nothing declares", { service: { args: { NONE: { value: "1", stamp: false } } } }],
  ["tags, cache, names", { service: { name: "b", cache: ["inline"] } }],
  ["how bases are followed and when to refresh", { service: { bases: "hold", refreshSeconds: 60 } }],
])("%s does not change the fingerprint", async (_name, change) => {
  const [before, after] = await around(change);
  expect(diffInputs(before.inputs, after.inputs)).toEqual([]);
  expect(after.inputs.fingerprint).toBe(before.inputs.fingerprint);
});

test("where a secret and an agent come from does not change the fingerprint", async () => {
  const each = await makeTestRepository(files);
  made.push(each);
  const given = (name: string, agent: string): Change => ({
    service: { secrets: [{ id: "s", from: { kind: "env", name } }], ssh: [`key=${agent}`] },
  });
  const [one, two] = [await read(each, given("A", "id_a")), await read(each, given("B", "id_b,id_c"))];
  expect(two.inputs.fingerprint).toBe(one.inputs.fingerprint);
  expect([one.sources.ssh, two.sources.ssh]).toEqual([{ key: "id_a" }, { key: "id_b,id_c" }]);
});

test("where a context lies does not change the fingerprint, and a file that changes with it is the only difference", async () => {
  const moved = Object.entries(files).map(([path, file]) => [path.replace(/^api\//, "services/api/"), file] as const);
  const each = await makeTestRepository({ ...files, ...Object.fromEntries(moved), "lib/x": "x", "vendor/lib/x": "x" });
  made.push(each);
  const lines = `${dockerfile}COPY --from=lib x /\n`;
  await each.commit({ "api/Dockerfile": lines, "services/api/Dockerfile": lines });
  const at = (context: string, lib: string): Change => ({
    service: { context, dockerfile: `${context}/Dockerfile`, contexts: { lib: { kind: "folder", path: lib } } },
  });
  const [before, after] = [await read(each, at("api", "lib")), await read(each, at("services/api", "vendor/lib"))];
  expect(after.inputs.fingerprint).toBe(before.inputs.fingerprint);
  expect(diffInputs(before.inputs, after.inputs)).toEqual([]);
  await each.commit({ "services/api/src/main.js": "new" });
  const edited = await read(each, at("services/api", "vendor/lib"));
  const changes = diffInputs(before.inputs, edited.inputs);
  expect(changes).toEqual([{ what: "file", name: "services/api/src/main.js", change: "changed" }]);
});

/** For each part of a definition another value. */
const others: { readonly [Part in keyof BuildDefinition]: (value: BuildDefinition[Part]) => BuildDefinition[Part] } = {
  platform: () => platformOf("linux/arm64"),
  buildPlatform: () => platformOf("linux/arm64"),
  target: () => "other",
  instructions: (lines) => lines.toReversed(),
  args: () => ({ A: "1" }),
  clientArgs: () => ({ HTTP_PROXY: "http://p.test" }),
  frontend: () => "docker/dockerfile:1@sha256:1",
  bases: () => [],
  context: () => digestOf("other"),
  contexts: () => [{ name: "x", kind: "git", of: "https://git.test/x.git", digest: "c0ffee" }],
  secrets: () => ["s"],
  ssh: () => ["default"],
  labels: () => ({ a: "b" }),
  annotations: () => ({ a: "b" }),
  settings: () => ({ network: "none" }),
};

test("each part of a definition decides the fingerprint, and the order of names does not", async () => {
  const each = await makeTestRepository(files);
  made.push(each);
  const { definition, inputs } = await read(each);
  const variants = Object.entries(others).map(([part, change]) => {
    // The part's own type is lost by going over the names.
    const changed = (change as (value: unknown) => unknown)(definition[part as keyof BuildDefinition]);
    return fingerprintOf({ ...definition, [part]: changed });
  });
  expect(new Set([inputs.fingerprint, ...variants]).size).toBe(variants.length + 1);
  const named = (labels: Record<string, string>): string => fingerprintOf({ ...definition, labels });
  expect(named({ b: "1", a: "2" })).toBe(named({ a: "2", b: "1" }));
  const reversed = Object.fromEntries(Object.entries(definition).toReversed()) as unknown as BuildDefinition;
  expect(fingerprintOf(reversed)).toBe(inputs.fingerprint);
});

test("equal fingerprints have no difference, and different ones have one", async () => {
  const content = constantFrom<TestFile>("1", "2", { script: "1" }, { link: "x" });
  const state = record({ "api/src/a": content, "api/src/b/c": content, "api/package.json": content, "web/x": content });
  await assert(
    asyncProperty(tuple(state, state), async ([one, two]) => {
      const each = await makeTestRepository({ ...files, "api/src/x": "", "api/x": "", ...one });
      try {
        const before = await read(each);
        await each.remove(...Object.keys(two));
        await each.commit(two);
        const after = await read(each);
        const changes = diffInputs(before.inputs, after.inputs);
        expect(changes.length === 0).toBe(before.inputs.fingerprint === after.inputs.fingerprint);
      } finally {
        await each.dispose();
      }
    }),
    { numRuns: 15 },
  );
});

test("inputs of the first algorithm are compared as that one counted: its files were one set", async () => {
  const each = await makeTestRepository({
    ...files,
    "api/Dockerfile": "FROM scratch\nCOPY src /\nCOPY --from=x . /\n",
  });
  made.push(each);
  const service: Partial<Service> = { contexts: { x: { kind: "folder", path: "api/src" } } };
  const { inputs } = await read(each, { service });
  const merged = new Map(inputs.files.map(({ context: _context, ...file }) => [file.path, file]));
  const before = { ...inputs, settings: { ...inputs.settings, algorithm: "1" }, files: [...merged.values()] };
  expect(diffInputs(before, inputs)).toEqual([{ what: "setting", name: "algorithm", change: "changed" }]);
});

test("the fingerprint of known inputs stays what it is from version to version", async () => {
  const each = await makeTestRepository(files);
  made.push(each);
  expect((await read(each)).inputs.fingerprint).toMatchInlineSnapshot(
    `"sha256:2bdfa900dbf6d29f59345e24cae880ddc434267e1e63160eb6502804e3a20b63"`,
  );
});
