import { expect, test } from "vitest";
import { readPublishers } from "../../publishers/read-publishers.ts";
import { whyNeverReused } from "./never-reused.ts";

const copyAll = "FROM alpine\nARG COMMIT\nCOPY . /app\n";

function reasons(
  { with: inputs = "context: .", on = "push", run }: { with?: string; on?: string; run?: string },
  files: Readonly<Record<string, string>> = {},
): string[] {
  const step =
    run === undefined
      ? `uses: docker/build-push-action@v6\n        with: { push: true, tags: acme/api:1, ${inputs} }`
      : `run: ${run}`;
  const path = ".github/workflows/a.yml";
  const texts: Readonly<Record<string, string>> = {
    Dockerfile: copyAll,
    ".dockerignore": ".git\n",
    ...files,
    [path]: `on: ${on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - id: d\n        run: echo "now=$(date +%s)" >> $GITHUB_OUTPUT\n      - ${step}\n`,
  };
  const read = (file: string): string | undefined => texts[file];
  const [publisher, ...more] = readPublishers(
    { paths: new Set(Object.keys(texts)), read },
    { repository: "acme/shop", trunk: "main" },
  );
  if (publisher === undefined || more.length > 0) throw new RangeError("there is not one publisher");
  return whyNeverReused(publisher, read);
}

const commit =
  "the build arg COMMIT is another one with every commit (github.sha); if nothing in the image needs it, write stamp: COMMIT";
const git = ".git is copied with the context, and changes with every commit; write .git into .dockerignore";

test.each<
  readonly [
    what: string,
    given: Parameters<typeof reasons>[0],
    files: Readonly<Record<string, string>>,
    found: readonly string[],
  ]
>([
  ["nothing", {}, {}, []],
  ["no-cache", { with: "context: ., no-cache: true" }, {}, ["no-cache: everything is built anew"]],
  ["no-cache that is not known", { with: "context: ., no-cache: '${{ vars.X }}'" }, {}, []],
  [
    "a schedule alone",
    { on: "{ schedule: [{ cron: '0 0 * * *' }] }" },
    {},
    ["a scheduled run builds, and no other publishes it"],
  ],
  [
    "pull requests alone",
    { on: "pull_request" },
    {},
    ["only pull requests publish it, which record nothing that others could reuse"],
  ],
  ["a schedule among others", { on: "{ push: , schedule: [{ cron: '0 0 * * *' }] }" }, {}, []],
  ["the commit in an arg", { with: "context: ., build-args: 'COMMIT=${{ github.sha }}'" }, {}, [commit]],
  [
    "the commit in an arg that the Dockerfile does not declare",
    { with: "context: ., build-args: 'C=${{ github.sha }}'" },
    {},
    [],
  ],
  [
    "the time of an earlier step",
    { with: "context: ., build-args: 'COMMIT=${{ steps.d.outputs.now }}'" },
    {},
    [
      "the build arg COMMIT is another one in every run ($(date +%s)); if nothing in the image needs it, write stamp: COMMIT",
    ],
  ],
  ["a variable in an arg", { with: "context: ., build-args: 'COMMIT=${{ vars.C }}'" }, {}, []],
  [
    "a command of a script in an arg",
    { run: "docker build --push --build-arg COMMIT=$(git rev-parse HEAD) -t acme/api:1 ." },
    {},
    [
      "the build arg COMMIT is another one with every commit ($(git rev-parse HEAD)); leave it out, or set it later than in the build",
    ],
  ],
  [
    "a script without a cache",
    { run: "docker build --no-cache --push -t acme/api:1 ." },
    {},
    ["no-cache: everything is built anew"],
  ],
  [".git in the context", {}, { ".dockerignore": "*.md\n" }, [git]],
  [".git in the context of a script", { run: "docker build --push -t acme/api:1 ." }, { ".dockerignore": "" }, [git]],
  [".git in the commit, which has none", { with: "file: Dockerfile" }, { ".dockerignore": "" }, []],
  [".git beside a folder that is copied", {}, { ".dockerignore": "", Dockerfile: "FROM alpine\nCOPY src /app\n" }, []],
  [".git outside of the context", { with: "context: api" }, { ".dockerignore": "", "api/Dockerfile": copyAll }, []],
  [
    ".git, by the ignore file of the Dockerfile",
    { with: "context: ., file: x.Dockerfile" },
    { "x.Dockerfile": copyAll, "x.Dockerfile.dockerignore": "a\n" },
    [git.replace(".dockerignore", "x.Dockerfile.dockerignore")],
  ],
])("a build with %s", (_, given, files, found) => expect(reasons(given, files)).toEqual(found));
