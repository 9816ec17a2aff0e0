import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findCompose } from "../../sandbox/index.ts";
import { hasEngine, headDigest } from "./rig.ts";
import { makeScriptMachine, type ScriptMachine } from "./script-job.ts";

const compose = hasEngine ? await findCompose() : undefined;
const hasSudo = spawnSync("sudo", ["-n", "true"]).status === 0;
const machinePlugin = "/usr/local/lib/docker/cli-plugins/docker-buildx";

const docker = `FROM scratch
ARG VERSION
COPY app.txt /app.txt
`;

/** Scripts that build `$PREFIX/api:1` and push it, each in its own way. */
const scripts: readonly (readonly [name: string, script: string, isSkipped?: boolean])[] = [
  ["build, then push", "docker build --quiet -t $PREFIX/api:1 . && docker push --quiet $PREFIX/api:1"],
  [
    "build, tag, push",
    "docker build -t $PREFIX/api . && docker tag $PREFIX/api $PREFIX/api:1 && docker push --quiet $PREFIX/api:1",
  ],
  [
    "a Dockerfile on standard input",
    "docker build -t $PREFIX/api:1 -f - . < Dockerfile && docker push --quiet $PREFIX/api:1",
  ],
  ["image build that pushes", "docker image build --push -t $PREFIX/api:1 ."],
  ["buildx build", "docker buildx build --builder default --push -t $PREFIX/api:1 ."],
  ["make", "make push"],
  ["bake", "docker buildx bake --push"],
  ["docker bake, then push", "docker bake && docker push --quiet $PREFIX/api:1"],
  ["Compose build and push", "docker compose build && docker compose push", compose === undefined],
  ["Compose build with push", "docker compose build --push", compose === undefined],
  [
    "sudo",
    'sudo DOCKER_HOST="$DOCKER_HOST" "$(command -v docker)" build -t $PREFIX/api:1 . && sudo DOCKER_HOST="$DOCKER_HOST" "$(command -v docker)" push --quiet $PREFIX/api:1',
    !hasSudo,
  ],
];

describe.runIf(hasEngine)("scripts after the setup step", () => {
  let machine: ScriptMachine;
  beforeAll(async () => {
    machine = await makeScriptMachine(compose === undefined ? {} : { "docker-compose": compose });
  });
  afterAll(() => {
    machine.forget();
    machine.close();
  });

  test.for(scripts)(
    "%s: the second run builds nothing, and publishes the same digest",
    async ([name, script, isSkipped = false], { skip }) => {
      if (isSkipped) skip(`there is no ${name.startsWith("sudo") ? "sudo" : "Compose"} here`);
      const { prefix } = machine;
      const image = `${prefix}/api`;
      machine.write({
        Dockerfile: docker,
        "app.txt": `${name}\n`,
        Makefile: "build:\n\tdocker build -t $(PREFIX)/api:1 .\npush: build\n\tdocker push --quiet $(PREFIX)/api:1\n",
        "docker-bake.hcl": `target "default" {\n  tags = ["${prefix}/api:1"]\n}\n`,
        "compose.yaml": `services:\n  api:\n    image: ${prefix}/api:1\n    build: .\n`,
      });
      machine.forget();
      const inputs = { sudo: String(name === "sudo") };
      const first = await machine.job(script, { inputs });
      expect([first.exitCode, first.stderr]).toEqual([0, expect.any(String)]);
      const digest = await headDigest(image, "1");
      expect(first.summary).toContain("1 build, 0 reused");
      machine.forget();
      const second = await machine.job(`${script}; docker image ls --quiet --no-trunc $PREFIX/api`, { inputs });
      expect([second.exitCode, second.summary]).toEqual([0, expect.stringContaining("1 build, 1 reused")]);
      expect(await headDigest(image, "1")).toBe(digest);
      // The build leaves an image with the engine, and so does reuse.
      expect(second.stdout).toContain(digest);
      expect(existsSync(machinePlugin)).toBe(false);
      expect(readdirSync(machine.dockerConfig).filter((entry) => entry.startsWith("slipway-"))).toEqual([]);
    },
  );

  test("callers get what buildx gives: exit codes, ids, files, and output without a word between", async () => {
    machine.write({ Dockerfile: docker, "app.txt": "callers\n", "failing/Dockerfile": "FROM scratch\nCOPY gone /\n" });
    const script = `docker build --quiet --iidfile id.txt --metadata-file metadata.json -t $PREFIX/callers:1 --push .
      docker build --progress=rawjson -t $PREFIX/callers:2 . 2>raw.json
      docker build failing || echo "failed with $?"
      docker buildx version`;
    const plain = await machine.job(script, { isPlain: true });
    const first = await machine.job(script);
    const files = (): unknown[] => [
      readFileSync(join(machine.folder, "id.txt"), "utf8"),
      JSON.parse(readFileSync(join(machine.folder, "metadata.json"), "utf8")),
    ];
    const built = files();
    const second = await machine.job(script);
    const shape = (stdout: string): string => stdout.replaceAll(/sha256:[0-9a-f]{64}/g, "sha256:ID");
    expect(shape(plain.stdout)).toMatch(/^sha256:ID\nfailed with 1\ngithub\.com\/docker\/buildx /);
    expect(shape(first.stdout)).toBe(shape(plain.stdout));
    expect(second.stdout).toBe(first.stdout);
    expect(second.summary).toContain("3 builds, 2 reused");
    const [id, metadata] = files();
    expect(id).toBe(built[0]);
    expect(built[1]).toMatchObject(metadata as object);
    const lines = readFileSync(join(machine.folder, "raw.json"), "utf8").trim().split("\n");
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object))).toEqual([["vertexes"], ["vertexes"]]);
  });

  test("an interrupted build ends as docker's own does, and leaves no process", async () => {
    machine.write({ Dockerfile: "FROM busybox\nRUN sleep 300\n" });
    const interrupt = async (isPlain: boolean): Promise<unknown> => {
      let isStopped = false;
      const { exitCode, stderr } = await machine.job("exec docker build --progress=plain .", {
        isPlain,
        onStderr: (text, script) => {
          if (!isStopped && text.includes("RUN sleep 300")) script.kill("SIGINT");
          isStopped ||= text.includes("RUN sleep 300");
        },
      });
      return [exitCode, /canceled/i.test(stderr)];
    };
    expect(await interrupt(false)).toEqual(await interrupt(true));
  });

  test("what goes past Slipway is reported by names", async () => {
    machine.write({ Dockerfile: docker, "app.txt": `past ${process.pid}\n` });
    const { log, summary } = await machine.job(
      "DOCKER_BUILDKIT=0 docker build -t $PREFIX/past:1 . && docker build -t $PREFIX/seen:1 .",
    );
    expect(log).toContain(`::warning title=Slipway::built without Slipway: ${machine.prefix}/past:1: `);
    expect(summary).toContain("classic builder");
    expect(summary).not.toContain(`${machine.prefix}/seen:1: it may`);
  });
});
