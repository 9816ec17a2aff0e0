import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { withDefaults } from "../spec.ts";
import type { ProcessResult } from "../../host.ts";
import { makeTestHost } from "../../testing/test-host.ts";
import { passThrough } from "./run.ts";
import { docker, type DockerOptions } from "./spec.ts";

/** Runs `slipway docker`; what was handed to docker, with the builder that it got. */
async function run(
  line: string,
  { env = {}, options = {} }: { env?: Record<string, string>; options?: Partial<DockerOptions> } = {},
) {
  const cwd = mkdtempSync(join(tmpdir(), "slipway-docker-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, "Dockerfile"), "FROM scratch\n");
  const handed: string[] = [];
  const host = makeTestHost({
    cwd,
    env,
    run: (program, args): Promise<ProcessResult> => {
      const isContext = [program, ...args].join(" ") === "docker context show";
      const stdout = new TextEncoder().encode(isContext ? "mine\n" : "");
      return Promise.resolve({ exitCode: isContext ? 0 : 1, stdout, stderr: "" });
    },
    attach: async (program, args, { env: more = {} } = {}) => {
      const shown = args.map((arg) => (arg.startsWith(tmpdir()) ? "FILE" : arg));
      handed.push(
        [program, ...shown].join(" ") + (more["BUILDX_BUILDER"] === undefined ? "" : ` on ${more["BUILDX_BUILDER"]}`),
      );
      return 7;
    },
  });
  const exitCode = await passThrough(host, line.split(" "), withDefaults(docker, options));
  return { exitCode, handed };
}

test.each([
  ["build -t x .", "docker build --metadata-file FILE -t x . on mine"],
  ["image build .", "docker image build --metadata-file FILE . on mine"],
  ["builder build .", "docker builder build --metadata-file FILE . on mine"],
  ["buildx build .", "docker buildx build --metadata-file FILE ."],
  ["buildx --builder own b .", "docker buildx build --metadata-file FILE --builder own ."],
  ["build --builder own .", "docker build --metadata-file FILE --builder own . on mine"],
  ["buildx bake api", "docker buildx bake api"],
  ["bake api", "docker bake api on mine"],
])("`slipway docker %s` builds by `%s`", async (line, expected) => {
  expect(await run(line)).toEqual({ exitCode: 7, handed: [expected] });
});

test.each(["push x", "build --help", "compose up", "buildx ls", "-H tcp://other build ."])(
  "`slipway docker %s` is docker's",
  async (line) => expect(await run(line)).toEqual({ exitCode: 7, handed: [`docker ${line}`] }),
);

test("a builder that the environment names is docker's, too", async () => {
  expect((await run("build .", { env: { BUILDX_BUILDER: "own" } })).handed).toEqual([
    "docker build --metadata-file FILE .",
  ]);
});

test("an option of its own that is wrong is refused before docker is called", async () => {
  await expect(run("build .", { options: { refresh: "soon" } })).rejects.toThrow('--refresh: "soon" is no duration');
});
