import { cpSync, existsSync, mkdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { readInputs } from "../../src/inputs/inputs.ts";
import { stageContext } from "../../src/inputs/stage.ts";
import { makeService } from "../../src/inputs/testing/service.ts";
import type { Service } from "../../src/model/service.ts";
import { openRepository } from "../../src/source/git/repository.ts";
import { readTree } from "../../src/source/tree/tree.ts";
import { bakeAll, type Order } from "./bake.ts";
import type { BaseImages } from "./generate.ts";
import type { Workshop } from "./prepare.ts";
import { type Outcome, prove } from "./prove.ts";
import { type Case, type Entry, file, link, type World } from "./world.ts";
import { openWorkshop } from "./workshop.ts";

const sandbox = inject("sandbox");

interface Sketch {
  /** A text is a file's content. */
  readonly files?: Readonly<Record<string, string | Entry>>;
  readonly dockerfile?: readonly string[];
  readonly more?: Partial<World>;
}

/** What changes, what then becomes of it, the world before and what is different after. */
type Row = readonly [name: string, verdict: "rebuilt" | "reused" | "needless", before: Sketch, after: Sketch];

const copyAll = ["FROM scratch", "COPY . /all/"];
const stages = ["FROM scratch AS lib", "COPY lib /lib/", "FROM scratch AS other", "COPY other /", "FROM scratch"];

const rows: readonly Row[] = [
  [
    "a file behind a link in the middle of a path",
    "rebuilt",
    { files: { "real/a": "1", "real/b": "1", link: link("real") }, dockerfile: ["FROM scratch", "COPY link/a /"] },
    { files: { "real/a": "2" } },
  ],
  [
    "a file beside the one behind a link",
    "reused",
    { files: { "real/a": "1", "real/b": "1", link: link("real") }, dockerfile: ["FROM scratch", "COPY link/a /"] },
    { files: { "real/b": "2" } },
  ],
  [
    "a link in a chain of links, to the same content",
    "needless",
    {
      files: { "one/a": "1", "two/a": "1", l1: link("l2"), l2: link("/one") },
      dockerfile: ["FROM scratch", "COPY l1/a /"],
    },
    { files: { l2: link("two") } },
  ],
  [
    "a file behind a link that leaves the context",
    "rebuilt",
    { files: { "src/a": "1", l: link("../../src") }, dockerfile: ["FROM scratch", "COPY l/a /"] },
    { files: { "src/a": "2" } },
  ],
  [
    "a folder behind a link that a wildcard matches",
    "rebuilt",
    { files: { "real/a": "1", l1: link("real") }, dockerfile: ["FROM scratch", "COPY l* /o/"] },
    { files: { "real/b": "new" } },
  ],
  [
    "a file behind a link in a copied folder",
    "reused",
    { files: { "src/l": link("../far"), far: "1" }, dockerfile: ["FROM scratch", "COPY src /o/"] },
    { files: { far: "2" } },
  ],
  [
    "an ignored file that brings a new folder into being",
    "rebuilt",
    { files: { ".dockerignore": "**/*.md\n", a: "1" }, dockerfile: copyAll },
    { files: { "new/x.md": "x" } },
  ],
  [
    "an ignored file in a folder that is there",
    "reused",
    { files: { ".dockerignore": "**/*.md\n", "src/a": "1" }, dockerfile: copyAll },
    { files: { "src/x.md": "x" } },
  ],
  [
    "a file that an exception brings back into an ignored folder",
    "rebuilt",
    { files: { ".dockerignore": "*\n!src/keep\n", "src/keep/a": "1", "src/b": "1" }, dockerfile: copyAll },
    { files: { "src/keep/a": "2" } },
  ],
  [
    "the ignore file that is not the Dockerfile's own",
    "reused",
    {
      files: { ".dockerignore": "b\n", "Dockerfile.dockerignore": ".dockerignore\na\n", a: "1", b: "1" },
      dockerfile: copyAll,
    },
    { files: { ".dockerignore": "a\n" } },
  ],
  [
    "the ignore file, which is copied",
    "rebuilt",
    { files: { ".dockerignore": "# one\n", a: "1" }, dockerfile: copyAll },
    { files: { ".dockerignore": "# two\n" } },
  ],
  ["an executable bit", "rebuilt", { files: { a: file("1") }, dockerfile: copyAll }, { files: { a: file("1", true) } }],
  [
    "an executable bit under --chmod",
    "needless",
    { files: { a: file("1") }, dockerfile: ["FROM scratch", "COPY --chmod=600 a /"] },
    { files: { a: file("1", true) } },
  ],
  [
    "a name's form of Unicode",
    "rebuilt",
    { files: { "e\u0301": "1" }, dockerfile: copyAll },
    { files: { "\u00e9": "1" } },
  ],
  [
    "names with a newline, quotes, a tab, a backslash, a leading dash",
    "rebuilt",
    { files: { "a\nb": "1", "q'\"": "1", "t\tt": "1", "b\\s": "1", "-d": "1" }, dockerfile: copyAll },
    { files: { "a\nb": "2", "q'\"": "2", "t\tt": "2", "b\\s": "2", "-d": "2" } },
  ],
  [
    "a comment in a continued instruction",
    "reused",
    { files: { a: "1", b: "1" }, dockerfile: ["FROM scratch", "COPY a \\\n# one\n b \\\n /o/"] },
    { dockerfile: ["# top", "FROM scratch", "", "COPY a \\\n\n# two\n b \\\n /o/"] },
  ],
  [
    "a comment in a here-document",
    "rebuilt",
    { dockerfile: ["FROM scratch", "COPY <<E /h\n# one\nE"] },
    { dockerfile: ["FROM scratch", "COPY <<E /h\n# two\nE"] },
  ],
  [
    "what a here-document expands",
    "rebuilt",
    { dockerfile: ["FROM scratch", "ARG X=1", "COPY <<E /h\n$X\nE"] },
    { more: { args: { X: "2" } } },
  ],
  [
    "the default of an arg in one of two stages",
    "rebuilt",
    {
      files: { "d1/a": "1", "d2/a": "1" },
      dockerfile: [
        "FROM scratch AS x",
        "ARG D=d1",
        "COPY $D /x/",
        "FROM scratch",
        "ARG D=d2",
        "COPY $D /y/",
        "COPY --from=x / /",
      ],
    },
    { files: { "d1/a": "2" } },
  ],
  [
    "a build arg that no reachable stage declares",
    "reused",
    {
      files: { a: "1" },
      dockerfile: ["ARG X=1", "FROM scratch AS x", "ARG X", "LABEL x=$X", "FROM scratch", "COPY a /"],
    },
    { more: { args: { X: "2" } } },
  ],
  [
    "an arg before FROM that chooses the stage",
    "rebuilt",
    {
      files: { a: "1", b: "1" },
      dockerfile: ["ARG S=one", "FROM scratch AS one", "COPY a /", "FROM scratch AS two", "COPY b /", "FROM $S"],
    },
    { more: { args: { S: "two" } } },
  ],
  [
    "a stage that nothing needs, in front of one that is used by its number",
    "reused",
    { files: { "lib/a": "1", "other/b": "1" }, dockerfile: [...stages, "COPY --from=0 / /"] },
    { dockerfile: ["FROM scratch AS zero", "COPY nothing-here* /", ...stages, "COPY --from=1 / /"] },
  ],
  [
    "a file of a stage that is not needed",
    "reused",
    { files: { "lib/a": "1", "other/b": "1" }, dockerfile: [...stages, "COPY --from=lib / /"] },
    { files: { "other/b": "2" } },
  ],
  [
    "a file outside the context",
    "reused",
    { files: { "app/a": "1", out: "1" }, dockerfile: copyAll, more: { context: "app" } },
    { files: { out: "2" } },
  ],
  [
    "a file of a named folder",
    "rebuilt",
    {
      files: { a: "1", "other/x": "1", "other/y.md": "1", "other/.dockerignore": "*.md\n" },
      dockerfile: ["FROM scratch", "COPY --from=ctx . /o/"],
      more: { contexts: { ctx: "other" } },
    },
    { files: { "other/x": "2" } },
  ],
  [
    "an ignored file of a named folder",
    "reused",
    {
      files: { a: "1", "other/x": "1", "other/y.md": "1", "other/.dockerignore": "*.md\n" },
      dockerfile: ["FROM scratch", "COPY --from=ctx . /o/"],
      more: { contexts: { ctx: "other" } },
    },
    { files: { "other/y.md": "2" } },
  ],
  [
    "the ignore file of the build context, where a named context is over the same files",
    "rebuilt",
    {
      files: { "app/a": "1", "app/b": "1", "docker/Dockerfile.dockerignore": "b\n" },
      dockerfile: ["FROM scratch", "COPY . /m/", "COPY --from=x . /x/"],
      more: { context: "app", contexts: { x: "app" }, dockerfilePath: "docker/Dockerfile" },
    },
    { files: { "docker/Dockerfile.dockerignore": "# b\n" } },
  ],
  [
    "an excluded file",
    "reused",
    { files: { "src/a.md": "1", "src/b": "1" }, dockerfile: ["FROM scratch", "COPY --exclude=*.md src /o/"] },
    { files: { "src/a.md": "2" } },
  ],
  [
    "a file that is named and excluded at once",
    "rebuilt",
    { files: { "a.md": "1", b: "1" }, dockerfile: ["FROM scratch", "COPY --exclude=*.md a.md b /o/"] },
    { files: { "a.md": "2" } },
  ],
  [
    "the end of a link in a folder that something is excluded from",
    "needless",
    {
      files: { "src/a.md": "1", "src/l": link("../far"), far: "1" },
      dockerfile: ["FROM scratch", "COPY --exclude=*.md src /o/"],
    },
    { files: { far: "2" } },
  ],
  [
    "a file that becomes a folder",
    "rebuilt",
    { files: { "src/a": "1" }, dockerfile: ["FROM scratch", "COPY src /o/"] },
    { files: { "src/a/b": "1" } },
  ],
  [
    "the escape character of a source",
    "rebuilt",
    { files: { "[a]": "1", a: "1" }, dockerfile: ["FROM scratch", "COPY [[]a] /o/"] },
    { files: { "[a]": "2" } },
  ],
];

describe.skipIf(sandbox === null)("beside BuildKit", () => {
  let workshop: Workshop;
  let bases: BaseImages;
  let close: (() => void) | undefined;
  let outcomes: ReadonlyMap<string, Outcome>;

  beforeAll(async () => {
    if (sandbox === null) return;
    ({ workshop, bases, close } = await openWorkshop(sandbox));
    const all = [...rows, ...rowsWithBases(bases)].map(makeCase);
    const proven: Outcome[] = [];
    for (let some = all.splice(0, 12); some.length > 0; some = all.splice(0, 12)) {
      proven.push(
        ...(await prove(
          workshop,
          some.map((one) => [one]),
        )),
      );
    }
    outcomes = new Map(proven.map((outcome) => [outcome.one.change, outcome]));
  });
  afterAll(() => close?.());

  test.each(rows)("a change of %s: %s", (name, verdict) => {
    const { verdict: found, details } = outcomes.get(name) ?? {};
    expect({ found, details }).toMatchObject({ found: verdict });
  });

  test("variables and triggers of a base decide what is read", () => {
    const found = rowsWithBases(bases).map(([name]) => [name, outcomes.get(name)?.verdict]);
    expect(found).toEqual(rowsWithBases(bases).map(([name, verdict]) => [name, verdict]));
  });

  /** Builds a service from its exact context; gives what the image holds at `/V`. */
  async function holdsAt(folder: string, name: string, service: Partial<Service>): Promise<unknown> {
    const tree = await readTree(await openRepository(workshop.host, folder));
    const { platform, lookups } = workshop;
    const read = await readInputs({ service: makeService(service), platform, tree, lookups });
    const { contextFolder, dockerfile, remove } = await stageContext(tree, read);
    const handed = { context: contextFolder, dockerfile, contexts: {} };
    const world = worldOf({ dockerfile: ["FROM scratch", "COPY V /"] });
    const order: Order = { name, handed, world, withSteps: false };
    const baked = (await bakeAll(workshop.host, workshop.folder, [order])).get(name);
    await remove();
    return baked?.kind === "image" ? baked.image.files.get("V") : baked;
  }

  /** Writes and commits files of one time each. */
  async function commitAt(folder: string, files: Readonly<Record<string, string>>, time: number): Promise<void> {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(join(folder, ".git"))) cpSync(workshop.template, join(folder, ".git"), { recursive: true });
    for (const [path, content] of Object.entries(files)) {
      const [place, next] = [join(folder, path), join(folder, "next")];
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(next, content, { mode: 0o644 });
      utimesSync(next, time, time);
      // Another file in its place, so that git looks at it.
      renameSync(next, place);
    }
    await workshop.host.run("git", ["add", "--all"], { cwd: folder });
    await workshop.host.run("git", ["commit", "--quiet", "--message", "State"], { cwd: folder });
  }

  test("two services get their own files where path, size and time are the same", async () => {
    const folder = join(workshop.folder, "twins");
    const names = ["one", "two"];
    const dockerfile = "FROM scratch\nCOPY V /\n";
    for (const name of names) {
      await commitAt(folder, { [`${name}/V`]: `${name}\n`, [`${name}/Dockerfile`]: dockerfile }, 1_600_000_000.25);
    }
    for (const name of names) {
      const service = { name, context: name, dockerfile: `${name}/Dockerfile` };
      expect(await holdsAt(folder, `twin-${name}`, service)).toContain(`${name}\\n`);
    }
  });

  test("a file gets its new content where path, size and time stay the same, and the old one again", async () => {
    const folder = join(workshop.folder, "same-time");
    await commitAt(folder, { Dockerfile: "FROM scratch\nCOPY V /\n" }, 1_600_000_000);
    for (const content of ["aaaa", "bbbb", "aaaa"]) {
      await commitAt(folder, { V: content }, 1_767_225_600.5);
      expect(await holdsAt(folder, "same-time", {})).toContain(content);
    }
  });
});

function rowsWithBases(bases: BaseImages): readonly Row[] {
  const files = { "src/a": "1", "docs/a": "1" };
  return [
    [
      "a file that a base's trigger copies",
      "rebuilt",
      { files, dockerfile: [`FROM ${bases.onBuild}`] },
      { files: { "src/a": "2" } },
    ],
    [
      "a file beside what a base's trigger copies",
      "reused",
      { files, dockerfile: [`FROM ${bases.onBuild}`] },
      { files: { "docs/a": "2" } },
    ],
    [
      "a file below a folder that a base's variable names",
      "rebuilt",
      {
        files,
        dockerfile: [`FROM ${bases.env}`, "ARG BASEDIR=docs", "COPY $BASEDIR /o/"],
        more: { args: { BASEDIR: "docs" } },
      },
      { files: { "docs/a": "2" } },
    ],
    [
      "a file that is mounted by way of a link",
      "rebuilt",
      {
        files: { ...files, l: link("src") },
        dockerfile: [`FROM ${bases.shell}`, "RUN --mount=type=bind,source=l,target=/m cp -a /m /o"],
      },
      { files: { "src/a": "2" } },
    ],
  ];
}

function makeCase([change, , before, after]: Row, index: number): Case {
  const first = worldOf(before);
  const kept = Object.entries(first.files).filter(([path]) => !(path in (after.files ?? {})));
  const isFolder = (path: string): boolean =>
    Object.keys(after.files ?? {}).some((each) => each.startsWith(`${path}/`));
  const renamed = change.startsWith("a name's form") ? [] : kept.filter(([path]) => !isFolder(path));
  const second = worldOf({ ...before, ...after, files: { ...Object.fromEntries(renamed), ...after.files } });
  return {
    name: `known${index}`,
    change,
    before: first,
    after: { ...second, ...before.more, ...after.more },
    isCommitted: index % 2 === 0,
    staged: index % 2 === 0 ? "before" : "after",
    asksSteps: true,
  };
}

function worldOf({ files = {}, dockerfile = [], more = {} }: Sketch): World {
  return {
    files: Object.fromEntries(
      Object.entries(files).map(([path, entry]) => [path, typeof entry === "string" ? file(entry) : entry]),
    ),
    dockerfile,
    dockerfilePath: "Dockerfile",
    context: ".",
    args: {},
    target: undefined,
    contexts: {},
    ...more,
  };
}
