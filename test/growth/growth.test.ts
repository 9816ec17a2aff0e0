import { beforeAll, describe, expect, test } from "vitest";
import { countWork, startCounting } from "./count-work.ts";

/** What is counted, once its input of this size is there. */
type Prepare = (size: number) => () => unknown;

let modules: Awaited<ReturnType<typeof load>>;

// Only what is compiled once counting has begun is counted.
async function load() {
  const [adopt, source, releaserc, yaml, scan, diff, order, records, belong, tree, repository, parse] =
    await Promise.all([
      import("../../src/workflow/adopt/adopt-workflow.ts"),
      import("../../src/workflow/adopt/source.ts"),
      import("../../src/workflow/releaserc.ts"),
      import("../../src/config/written/yaml-file.ts"),
      import("../../src/config/sources/scan-dockerfile.ts"),
      import("../../src/workflow/unified-diff.ts"),
      import("../../src/plan/order.ts"),
      import("../../src/records/record-names.ts"),
      import("../../src/records/where-tags-belong.ts"),
      import("../../src/source/tree/tree.ts"),
      import("../../src/config/testing/repository.ts"),
      import("../../src/dockerfile/syntax/parse.ts"),
    ]);
  return { adopt, source, releaserc, yaml, scan, diff, order, records, belong, tree, repository, parse };
}

beforeAll(async () => {
  await startCounting();
  modules = await load();
});

const list = <T>(size: number, make: (index: number) => T): T[] =>
  Array.from({ length: size }, (_, index) => make(index));
const lines = (size: number, line: (index: number) => string): string => list(size, line).join("\n");

/** A tree of submodules with two files each, whose git knows no attributes. */
function treeOf(size: number): InstanceType<typeof modules.tree.GitTree> {
  const prefixes = list(size, (index) => `m${index}/`);
  const paths = prefixes.flatMap((prefix) => [`${prefix}.gitattributes`, `${prefix}a`]).sort();
  const listing = {
    text: "100644 blob 0123\t",
    paths,
    offsets: new Int32Array(paths.length),
    extras: [],
  };
  const run = () => Promise.resolve({ exitCode: 1, stdout: Buffer.alloc(0), stderr: "" });
  const repository = { objectFormat: "sha1", settings: new Map(), attributesFile: "/nothing", host: { env: {}, run } };
  const git = () => Promise.resolve(Buffer.alloc(0));
  const blobs = { read: () => Promise.resolve(Buffer.from("* eol=crlf\n")), fetch: () => Promise.resolve() };
  const part = { git, blobs, root: "/nothing", commit: "", isCheckedOut: true, changed: new Set() };
  const parts = ["", ...prefixes].map((prefix) => ({ ...part, prefix }));
  return new modules.tree.GitTree(repository as never, "", listing, parts as never);
}

const rows: readonly (readonly [what: string, size: number, prepare: Prepare])[] = [
  [
    "a workflow of many jobs",
    24,
    (size) => {
      const job = (index: number): string => `  # is ${index}\n  j${index}:\n    steps: [{ run: a }, { run: b }]`;
      const text = `on: push\njobs:\n${lines(size, job)}`;
      return () => modules.source.parseWorkflow("a.yml", text);
    },
  ],
  [
    "a workflow of many jobs in one line below many comments",
    24,
    (size) => {
      const jobs = list(size, (index) => `j${index}: { a: b }`).join(", ");
      const text = `on: push\n${lines(size, () => "# a")}\njobs: { ${jobs} }`;
      return () => modules.source.parseWorkflow("a.yml", text);
    },
  ],
  [
    "a workflow of many builds",
    24,
    (size) => {
      const step = (index: number): string =>
        `      - uses: docker/build-push-action@v6\n        with: { context: a${index}, push: true, tags: "a/b${index}:c" }`;
      const text = `on: { push: { branches: [main] } }\njobs:\n  a:\n    steps:\n${lines(size, step)}`;
      const source = modules.source.parseWorkflow("a.yml", text) ?? expect.unreachable();
      const nameOf = (_: string, context: string): string => context;
      return () => modules.adopt.adoptWorkflow(source, { repository: "a/b", nameOf, readsBake: false });
    },
  ],
  [
    "semantic-release's configuration",
    24,
    (size) => {
      const text = `plugins:\n${lines(size, (index) => `  - p${index}`)}\n${lines(size, (index) => `a${index}: b`)}`;
      return () => modules.releaserc.pluginsOf(text);
    },
  ],
  [
    "the places of all keys of a YAML file",
    24,
    (size) => {
      const text = lines(size, (index) => `a${index}: ${index}`);
      const file = modules.yaml.parseYamlFile("a.yaml", text, []) ?? expect.unreachable();
      return () => list(size, (index) => file.place([`a${index}`]));
    },
  ],
  [
    "the stages of a Dockerfile that start from each other",
    200,
    (size) => {
      const text = `FROM a AS s0\n${lines(size, (index) => `FROM s${index} AS s${index + 1}\nCOPY --from=s0 /a /b`)}`;
      const scan = modules.scan.scanDockerfile(text);
      return () => modules.scan.reachedReferences(scan, undefined);
    },
  ],
  [
    "the instructions of a Dockerfile",
    200,
    (size) => {
      const text = `FROM a\n${lines(size, (index) => `ENV A${index}=$A b=c\nCOPY a${index} <<B /c\nd\nB`)}`;
      return () => modules.parse.parseDockerfile(text, "Dockerfile");
    },
  ],
  [
    "services of a Compose file that extend one of them, with Dockerfiles of their own",
    24,
    (size) => {
      const service = (index: number): string =>
        `  s${index}: { extends: base, image: "a.io/s${index}:1", build: { context: s${index} } }`;
      const compose = `services:\n  base: { build: { args: [A=b] } }\n${lines(size, service)}\n`;
      const dockerfiles = list(size, (index) => [`s${index}/Dockerfile`, "FROM scratch\n"] as const);
      const files = { Dockerfile: "FROM scratch\n", ...Object.fromEntries(dockerfiles), "compose.yaml": compose };
      return () => modules.repository.discoverExample({ files });
    },
  ],
  [
    "Dockerfiles, and what slipway.yaml says of them",
    24,
    (size) => {
      const services = lines(size, (index) => `  s${index}: { args: { A: "${index}" }, needs: [s0] }`).replace(
        ", needs: [s0]",
        "",
      );
      const dockerfiles = list(size, (index) => [`s${index}/Dockerfile`, "FROM scratch\n"] as const);
      const files = {
        ...Object.fromEntries(dockerfiles),
        "slipway.yaml": `images: a.io/{service}\nservices:\n${services}\n`,
      };
      return () => modules.repository.discoverExample({ files });
    },
  ],
  [
    "a diff of texts that begin differently",
    200,
    (size) => {
      const text = lines(size, (index) => `a${index}`);
      return () => modules.diff.unifiedDiff("a", text, `b\n${text}`);
    },
  ],
  [
    "services that need each other",
    2000,
    (size) => {
      const services = list(size, (index) => ({ name: `s${index}`, needs: [`s${index + 1}`, `s${index + 2}`] }));
      return () => modules.order.orderByNeeds(services);
    },
  ],
  [
    "files of many submodules",
    200,
    (size) => {
      const tree = treeOf(size);
      return () => tree.paths.map((path) => tree.partOf(path));
    },
  ],
  [
    "attributes of many submodules",
    24,
    (size) => {
      const tree = treeOf(size);
      const entries = [...tree.under(".")];
      return () => tree.conversions.of(entries);
    },
  ],
  [
    "releases and rollbacks of one tag",
    200,
    (size) => {
      const { parseReleaseTag, makeRollbackName } = modules.records;
      const names = list(size, (index) => parseReleaseTag(`1.${index}.0`) ?? expect.unreachable());
      const rollbacks = names.map((to, index) => makeRollbackName(to, index, "01234567"));
      const facts = { knewOf: () => new Set(names.map(({ tag }) => tag)), releasedAt: () => undefined };
      return () => modules.belong.whereTagBelongs(names, rollbacks, facts);
    },
  ],
  [
    "records of releases",
    200,
    (size) => {
      const tags = list(size, (index) => `1.${index}.0`);
      return () => modules.records.parseRecordTags(tags);
    },
  ],
];

// A stranger decides how long these are, and no signal ends a loop that never yields.
describe("eight times the input takes about eight times the work:", () => {
  test.each(rows)("%s", async (_, size, prepare) => {
    await prepare(4)();
    const [once = 0, eightTimes = 0] = await countWork([prepare(size), prepare(8 * size)]);
    expect(once).toBeGreaterThan(100);
    // V8 leaves some of its counts out; where work grows with the square of the input, this would be 64.
    expect(eightTimes / once).toBeLessThan(16);
  });
});
