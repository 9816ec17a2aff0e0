import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readPluginArguments, toPluginArguments } from "./docker-command.ts";
import { folderOf, isStandIn, realOf } from "./read-stand-in.ts";
import { directVariable, jobVariable, renderStandIn } from "./stand-in.ts";

/** A stand-in whose real plugin and whose program say what they were given; the program is run by a shell in place of Node. */
function makeStandIn({ name = "machine" } = {}) {
  const folder = join(mkdtempSync(join(tmpdir(), "slipway-stand-in-")), name);
  onTestFinished(() => rmSync(join(folder, ".."), { recursive: true, force: true }));
  const jobFolder = join(folder, "job");
  mkdirSync(jobFolder, { recursive: true });
  const real = join(folder, "real-buildx");
  const program = join(folder, "program.sh");
  const path = join(folder, "docker-buildx");
  writeFileSync(real, `#!/bin/sh\nprintf 'real'; printf ' [%s]' "$@"; exit 3\n`, { mode: 0o755 });
  writeFileSync(
    program,
    `printf 'program'; printf ' [%s]' "$@"; printf '|%s|%s' "$${directVariable}" "$${jobVariable}"\n`,
  );
  const job = { kind: "own", node: "/bin/sh", program, folder: jobFolder } as const;
  writeFileSync(path, renderStandIn({ real, metadata: '{"Vendor":"it\'s Docker"}\n', job }), { mode: 0o755 });
  utimesSync(real, 1, 1);
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const { status, stdout, stderr } = spawnSync(path, args, {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: folder, ...env },
    });
    return { status, stdout, stderr };
  };
  return { path, real, program, jobFolder, run, folder };
}

const builds: readonly (readonly [line: string, args: readonly string[], builder: string | undefined])[] = [
  ["buildx build -t x .", ["-t", "x", "."], undefined],
  ["buildx b .", ["."], undefined],
  ["buildx build --call=build .", ["--call=build", "."], undefined],
  ["buildx --builder mine build .", ["."], "mine"],
  ["buildx -D --builder=mine build .", ["."], "mine"],
  ["-D buildx build .", ["."], undefined],
  ["build .", ["."], undefined],
];
const bakes: readonly (readonly [line: string, args: readonly string[]])[] = [
  ["buildx bake", []],
  ["buildx f api", ["api"]],
  ["bake --file - --progress rawjson", ["--file", "-", "--progress", "rawjson"]],
];
const others = [
  "",
  "buildx",
  "buildx --help",
  "buildx version",
  "buildx build --help",
  "buildx build --check .",
  "buildx build --call=outline .",
  "buildx bake --print",
  "buildx bake --list=targets",
  "buildx imagetools create -t a b",
  "buildx inspect build",
  "buildx --builder",
  "-H tcp://other buildx build .",
  "--context other buildx build .",
  "--config elsewhere buildx build .",
  "prune -f",
];
/** The words in front of `build` or `bake`, in the order that they have there. */
const beforeOf = (line: string): string[] => split(line).filter((word) => word === "buildx" || word === "-D");
const split = (line: string): string[] => (line === "" ? [] : line.split(" "));

describe("arguments of Docker's buildx plugin", () => {
  test.each(builds)("%s: a build", (line, args, builder) =>
    expect(readPluginArguments(split(line))).toEqual({ kind: "build", before: beforeOf(line), args, builder }),
  );
  test.each(bakes)("%s: a bake", (line, args) =>
    expect(readPluginArguments(split(line))).toEqual({
      kind: "bake",
      before: beforeOf(line),
      args,
      builder: undefined,
    }),
  );
  test.each(others)("%s: something else", (line) =>
    expect(readPluginArguments(split(line))).toEqual({ kind: "other" }),
  );

  test.each([
    ["build -t x .", "buildx build -t x ."],
    ["image build .", "buildx build ."],
    ["builder build .", "buildx build ."],
    ["buildx build .", "buildx build ."],
    ["bake api", "buildx bake api"],
    ["image ls", undefined],
    ["push x", undefined],
    ["compose build", undefined],
    ["-H tcp://other build .", undefined],
  ])("of `docker %s`: %s", (line, expected) => expect(toPluginArguments(split(line))?.join(" ")).toBe(expected));
});

describe("the stand-in for Docker's buildx plugin", () => {
  test("starts the program for what builds, and the real plugin for everything else", () => {
    const { run, real, jobFolder } = makeStandIn();
    const given = (line: string): string =>
      split(line)
        .map((word) => ` [${word}]`)
        .join("") || " []";
    for (const [line] of [...builds, ...bakes]) {
      expect(run(split(line)).stdout, line).toBe(`program${given(line)}|${real}|${jobFolder}`);
    }
    for (const line of others)
      expect(run(split(line)), line).toMatchObject({ status: 3, stdout: `real${given(line)}` });
  });

  test("keeps arguments as they are", () => {
    const args = ["buildx", "build", "--build-arg", "A=a b\n'c' \"d\" $e `f`", "", "*"];
    const { run } = makeStandIn({ name: "it's a $machine" });
    expect(run(args).stdout).toContain(args.map((arg) => ` [${arg}]`).join(""));
    expect(run(["version", ...args]).stdout).toBe(`real${["version", ...args].map((arg) => ` [${arg}]`).join("")}`);
  });

  test("says of itself what the real one says, until that one is newer", () => {
    const { run, real } = makeStandIn();
    const ask = "docker-cli-plugin-metadata";
    expect(run([ask])).toEqual({ status: 0, stdout: '{"Vendor":"it\'s Docker"}\n', stderr: "" });
    utimesSync(real, 9e9, 9e9);
    expect(run([ask])).toMatchObject({ status: 3, stdout: `real [${ask}]` });
  });

  test("passes a build on where a build started it, and where its job has ended", () => {
    const standIn = makeStandIn();
    expect(standIn.run(["build", "."], { [directVariable]: "1" }).stdout).toBe("real [build] [.]");
    rmSync(standIn.jobFolder, { recursive: true });
    expect(standIn.run(["build", "."]).stdout).toBe("real [build] [.]");
  });

  test("looks where Docker does when the real one is gone, and never starts itself", () => {
    const { run, real, folder, path } = makeStandIn();
    rmSync(real);
    const plugins = join(folder, ".docker/cli-plugins");
    mkdirSync(plugins, { recursive: true });
    writeFileSync(join(plugins, "docker-buildx"), readFileSync(path), { mode: 0o755 });
    const { status, stderr } = run(["version"]);
    // This machine may have one of its own.
    if (status === 1) expect(stderr).toContain(`no longer at ${real}`);
    writeFileSync(join(plugins, "docker-buildx"), "#!/bin/sh\necho another\n", { mode: 0o755 });
    expect(run(["version"]).stdout).toBe("another\n");
  });

  test("is known by its text, which names the real one and the job", () => {
    const { path, real, jobFolder } = makeStandIn({ name: "it's" });
    expect(isStandIn(readFileSync(path, "utf8"))).toBe(true);
    expect(realOf(readFileSync(path, "utf8"))).toBe(real);
    expect(folderOf(readFileSync(path, "utf8"))).toBe(jobFolder);
    expect(realOf("#!/bin/sh\nreal='/x'\n")).toBeUndefined();
  });

  test("is a script for any shell of POSIX", () => {
    const { path } = makeStandIn();
    execFileSync("/bin/sh", ["-n", path]);
    execFileSync("bash", ["--posix", "-n", path]);
  });
});
