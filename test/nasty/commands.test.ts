import { writeFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/program.ts";
import { makeTestRepository, type TestRepository } from "../../src/source/testing/repository.ts";
import { makeTestHost } from "../../src/testing/test-host.ts";
import { makeWorld } from "../../src/testing/world.ts";
import { nastyFileName, nastyText, outputFaults } from "./nasty-text.ts";

const nightly = process.env["SLIPWAY_NIGHTLY"] === "1";
const count = Number(process.env["SLIPWAY_CASES"] ?? (nightly ? 40 : 1));
const seed = Number(process.env["SLIPWAY_SEED"] ?? Date.now() % 1_000_000);
const repositories = fc.sample(
  fc.record({
    names: fc.array(nastyFileName(), { minLength: 6, maxLength: 6 }),
    texts: fc.array(nastyText(), { minLength: 6, maxLength: 6 }),
  }),
  { seed, numRuns: count },
);

interface Names {
  readonly names: readonly string[];
  readonly texts: readonly string[];
}

/** Ways to describe services, each with nasty names wherever it has names. */
const shapes: Readonly<Record<string, (given: Names) => Readonly<Record<string, string>>>> = {
  Dockerfiles: ({ names: [a = "", b = "", c = ""] }) => ({
    [`${a}/Dockerfile`]: `FROM scratch\nCOPY . /x\n`,
    [`${a}/${b}`]: "x",
    [`svc/Dockerfile`]: `FROM scratch\nCOPY . /x\n`,
    [`svc/${c}`]: "x",
    [`test/${b}/Dockerfile`]: "FROM scratch\n",
    ".gitignore": "",
  }),
  "slipway.yaml": ({ names: [a = "", b = ""], texts: [x = "", y = ""] }) => ({
    "slipway.yaml": `images: reg.test/shop/{service}\nservices:\n  svc:\n    context: ${JSON.stringify(a)}\n    args: { X: ${JSON.stringify(x)}, Y: ${JSON.stringify(y)} }\n`,
    [`${a}/Dockerfile`]: `FROM scratch\nARG X\nARG Y\nCOPY . /x\n`,
    [`${a}/${b}`]: "x",
  }),
  "a slipway.yaml with faults": ({ names: [a = ""], texts: [x = "", y = "", z = ""] }) => ({
    "slipway.yaml": `images: ${JSON.stringify(x)}\n${JSON.stringify(y)}: 1\nservices:\n  ${JSON.stringify(z)}:\n    context: ${JSON.stringify(a)}\n    target: ${JSON.stringify(y)}\n`,
    "svc/Dockerfile": "FROM scratch\n",
  }),
  Compose: ({ names: [a = "", b = ""], texts: [x = "", y = "", z = ""] }) => ({
    "compose.yaml": JSON.stringify({
      services: {
        svc: { image: "reg.test/shop/svc", build: { context: a, dockerfile: b, args: { [x]: y } } },
        [z]: { image: x, build: "svc" },
      },
    }),
    [`${a}/${b}`]: `FROM scratch\nCOPY . /x\n`,
    "svc/Dockerfile": "FROM scratch\n",
  }),
  "a Dockerfile with faults": ({ texts: [x = "", y = "", z = ""] }) => ({
    "slipway.yaml": "images: reg.test/shop/{service}\nservices: { svc: { context: svc } }\n",
    "svc/Dockerfile": `FROM scratch AS ${x}\nCOPY ${y} /x\nADD https://a.test/${z} /\nFROBNICATE ${z}\n`,
  }),
  "a workflow": ({ names: [a = "", b = ""], texts: [x = "", y = ""] }) => ({
    [`svc/${a}`]: "x",
    "svc/Dockerfile": "FROM scratch\nCOPY . /\n",
    [`.github/workflows/${b}.yml`]: JSON.stringify({
      name: x,
      on: "push",
      jobs: {
        build: {
          "runs-on": "ubuntu-latest",
          steps: [
            { name: y, run: `echo ${y}` },
            {
              uses: "docker/build-push-action@v6",
              with: { context: `./${a}`, push: true, tags: `ghcr.io/acme/shop:${x}`, "build-args": `X=${y}` },
            },
          ],
        },
      },
    }),
  }),
};

const commands = [
  "services",
  "plan",
  "plan svc",
  "inputs svc --offline",
  "init --dry-run --guides",
  "publishers",
  "status",
  "release 1.0.0 --dry-run",
  "release 1.0.0 --allow-dirty",
  "replay --commits 3",
  "cache list",
  "rollback 1.0.0 --dry-run",
  "build svc --verbose",
];

describe.each(Object.keys(shapes))("commands in a repository of strangers' names with %s", (shape) => {
  const places = repositories.map((given) => ({ given, repository: undefined as TestRepository | undefined }));
  beforeAll(async () => {
    for (const place of places) place.repository = await makeRepository(shape, place.given);
  });
  afterAll(async () => {
    for (const { repository } of places) await repository?.dispose();
  });

  test.each(commands)(
    `print nothing that steers a terminal or a runner (SLIPWAY_SEED=${seed}): slipway %s`,
    async (line) => {
      for (const { repository } of places) {
        if (repository === undefined) continue;
        for (const more of [[], ["--json"]]) {
          const host = makeWorld({ at: repository }).host();
          await runCli(host, [...line.split(" "), ...more]);
          expect(outputFaults(host.printed.stdout), host.printed.stdout).toEqual([]);
          expect(outputFaults(host.printed.stderr), host.printed.stderr).toEqual([]);
          if (more.length > 0) expect(() => void JSON.parse(host.printed.stdout)).not.toThrow();
        }
      }
    },
  );
});

test("a command line of strangers' words prints none of them as they are", async () => {
  const words = fc.sample(nastyText(), { seed, numRuns: 12 });
  for (const word of words) {
    for (const line of [
      [word],
      ["plan", word],
      ["plan", `--${word}`],
      ["inputs", word],
      ["help", word],
      ["services", "--repo", word],
      ["services", "--config", word],
      ["rollback", word],
    ]) {
      const host = makeTestHost();
      await runCli(host, line);
      expect(outputFaults(host.printed.stderr + host.printed.stdout), JSON.stringify(line)).toEqual([]);
    }
  }
});

async function makeRepository(shape: string, given: Names): Promise<TestRepository> {
  const repository = await makeTestRepository();
  const files = shapes[shape]?.(given) ?? {};
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(repository.root, path)), { recursive: true });
    writeFileSync(join(repository.root, path), content);
  }
  const { git } = repository;
  await git("remote", "add", "origin", "https://github.com/acme/shop.git");
  await repository.commit({}, given.texts[4] ?? "");
  await repository.commit({ [`svc/${given.names[4] ?? ""}`]: "y" }, given.texts[5] ?? "");
  const branch = (given.names[5] ?? "").replace(/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/|^-|\.$|\.lock$/gu, "");
  await git("checkout", "--quiet", "-b", `b${branch}`);
  await git("tag", `t${branch}`);
  // An untracked file is told by a release.
  writeFileSync(join(repository.root, given.names[3] ?? "x"), "");
  return repository;
}
