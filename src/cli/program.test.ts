import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { SlipwayError } from "../errors.ts";
import type { Host, Output } from "../host.ts";
import { makeTestRepository, type TestRepository } from "../source/testing/repository.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { everyCommand, pathOf } from "./command-tree.ts";
import { examplesOf } from "../commands/all.ts";
import { fitsEngines } from "../../scripts/runtime.mjs";
import { explainUnsupportedNode, supportedNode } from "../node-version.ts";
import { makeProgram, runCli } from "./program.ts";

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line, its words as written with single spaces. */
async function run(line: string, host: Partial<Host> = {}): Promise<Ran> {
  const made = makeTestHost(host);
  const words = line === "" ? [] : line.split(" ");
  const exitCode = await runCli(made, words);
  return { exitCode, ...made.printed };
}

/** Processes run for real, in the repository and without the settings of the machine's user. */
function effectsOf({ root, host }: TestRepository): Pick<Host, "cwd" | "env" | "run"> {
  return { cwd: root, env: host.env, run: (...given) => host.run(...given) };
}

describe("a command line that is wrong ends with 2, and stderr says what to do:", () => {
  test.each([
    ["plna", 'unknown command "plna"', "did you mean plan? `slipway --help` lists the commands"],
    ["nothing-like-it", 'unknown command "nothing-like-it"', "`slipway --help` lists the commands"],
    ["plan --forse", 'unknown option "--forse"', "did you mean --force? `slipway plan --help` says what it takes"],
    ["--json plan", 'unknown option "--json"', "options come after the command, such as `slipway plan --json`"],
    ["--nonsense", 'unknown option "--nonsense"', "`slipway --help` lists the commands"],
    ["inputs", 'missing required argument "service"', "usage: slipway inputs [options] <service>"],
    ["rollback --dry-run", 'missing required argument "release"', "usage: slipway rollback [options] <release>"],
    ["status api", 'too many arguments for "status"', "`slipway status --help` says what it takes"],
    ["build --builder", 'option "--builder <name>" argument missing', "`slipway build --help` says what it takes"],
    ["build --parallel 0", "It takes a whole number above 0", "`slipway build --help` says what it takes"],
    ["status --limit 1.5", "It takes a whole number above 0", "`slipway status --help` says what it takes"],
    ["replay --build-seconds soon", "It takes a number of seconds", "`slipway replay --help` says what it takes"],
    ["build --cache gha,disk", '"disk" is no cache tier', "auto, none, or some of gha,registry,latest,inline"],
    ["init --untrusted", 'unknown option "--untrusted"', "`slipway init --help` says what it takes"],
    ["init --trunk main", 'unknown option "--trunk"', "`slipway init --help` says what it takes"],
    ["init --config x.yaml", 'unknown option "--config"', "`slipway init --help` says what it takes"],
    ["help plam", 'there is no command "plam"', 'did you mean "plan"?'],
  ])("slipway %s", async (line, message, hint) => {
    const repository = await makeTestRepository({ "api/Dockerfile": "FROM scratch\nCOPY . /\n" });
    onTestFinished(repository.dispose);
    const { exitCode, stdout, stderr } = await run(line, effectsOf(repository));
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(message);
    expect(stderr).toContain(` hint: ${hint}\n`);
    expect({ exitCode, stdout: line.includes("--json") ? "" : stdout }).toEqual({ exitCode: 2, stdout: "" });
  });
});

test("every command that takes a trunk looks at it", async () => {
  const repository = await makeTestRepository({ "api/Dockerfile": "FROM scratch\nCOPY . /\n" });
  onTestFinished(repository.dispose);
  const program = makeProgram(makeTestHost(), () => undefined);
  const taking = everyCommand(program).filter(({ options }) => options.some(({ long }) => long === "--trunk"));
  expect(taking.map(pathOf)).toContain("cache prune");
  for (const command of taking) {
    const words = command.registeredArguments.filter(({ required }) => required).map(() => "1.0.0");
    const { exitCode, stderr } = await run(
      [pathOf(command), ...words, "--trunk HEAD"].join(" "),
      effectsOf(repository),
    );
    expect(stderr).toContain('--trunk "HEAD" says whose slipway.yaml an untrusted run uses, and this run is trusted');
    expect(exitCode).toBe(2);
  }
});

describe("with --json", () => {
  test.each([
    ["plan --forse --json", "usage", 2],
    ["plan --json", "repository", 2],
  ])("an error is one document on stdout and text on stderr: slipway %s", async (line, code, exit) => {
    const folder = await mkdtemp(join(tmpdir(), "slipway-cli-"));
    const { host, dispose } = await makeTestRepository();
    const { exitCode, stdout, stderr } = await run(line, {
      cwd: folder,
      env: host.env,
      run: (program, args, options) => host.run(program, args, { ...options, cwd: options?.cwd ?? folder }),
    });
    await Promise.all([dispose(), rm(folder, { recursive: true })]);
    const document = JSON.parse(stdout) as { error: { code: string; message: string; hint: string | null } };
    expect(exitCode).toBe(exit);
    expect(document.error.code).toBe(code);
    expect(stderr).toContain(`error: ${document.error.message.split("\n")[0]}`);
    expect(stderr).toContain(document.error.hint);
  });
});

describe("help and version", () => {
  test("--help is on stdout and ends with 0", async () => {
    const { exitCode, stdout, stderr } = await run("--help");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("Usage: slipway <command> [options]");
  });

  test("without a command the help is on stderr, and the exit code is 2", async () => {
    const { exitCode, stdout, stderr } = await run("");
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toBe((await run("--help")).stdout);
  });

  test.each(["plan", "why", "release"])("`help %s` says what `%s --help` says", async (command) => {
    const help = await run(`help ${command}`);
    expect(help).toEqual(await run(`${command} --help`));
    expect(help.exitCode).toBe(0);
    expect(help.stdout).toMatch(/^Usage: slipway (plan|release)/);
  });

  test("--version is the package's", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(await run("--version")).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("the examples in the help", () => {
  const program = makeProgram(makeTestHost(), () => undefined);
  const names = ["slipway", ...everyCommand(program).map(pathOf)].filter((name) => name !== "help");

  test.each(names)("of %s are there", (name) => {
    expect(examplesOf(name).length).toBeGreaterThan(0);
  });

  // Without git they come as far as the repository, which is past everything that could be wrong with the words.
  test.each(names.flatMap((name) => examplesOf(name).map((each) => each.run)))("%s is understood", async (line) => {
    const noGit = (): Promise<never> => Promise.reject(new SlipwayError("repository", "no git here"));
    const { stderr } = await run(line.replace(/^(?:.*\| )?slipway ?/, ""), {
      cwd: tmpdir(),
      run: noGit,
      attach: noGit,
    });
    expect(stderr).toContain("error: ");
    expect(stderr).toContain("no git here");
  });
});

describe("colours and motion", () => {
  let repository: TestRepository;
  beforeAll(async () => {
    repository = await makeTestRepository({
      "api/Dockerfile": "FROM scratch\nCOPY . /\n",
      "slipway.yaml": "imagse: x\n",
    });
  });
  afterAll(() => repository.dispose());

  const escape = "\u001b[";
  const inTerminal = (line: string, env: Record<string, string>): Promise<Ran> => {
    const printed = { stdout: "", stderr: "" };
    const output = (name: keyof typeof printed): Output => ({
      write: (text) => void (printed[name] += text),
      isTTY: true,
      columns: 80,
      rows: 24,
    });
    const effects = effectsOf(repository);
    return run(line, {
      ...effects,
      env: { ...effects.env, ...env },
      stdout: output("stdout"),
      stderr: output("stderr"),
    }).then(({ exitCode }) => ({ exitCode, ...printed }));
  };

  test("a terminal gets colours", async () => {
    expect((await inTerminal("services", {})).stderr).toContain(`${escape}31merror:`);
  });

  test.each([
    ["services --no-color", {}],
    ["services --no-color", { FORCE_COLOR: "1" }],
    ["services", { NO_COLOR: "1" }],
    ["services", { NO_COLOR: "1", FORCE_COLOR: "1" }],
    ["services", { TERM: "dumb" }],
  ])("none with: slipway %s %o", async (line, env) => {
    expect((await inTerminal(line, { CI: "true", ...env })).stderr).not.toContain("\u001b");
  });

  test("nothing is redrawn in CI", async () => {
    const { stderr } = await inTerminal("services", { CI: "true" });
    expect(stderr).toContain(`${escape}31merror:`);
    const [, ...escapes] = stderr.split("\u001b");
    expect(escapes.filter((each) => !/^\[\d*m/.test(each))).toEqual([]);
  });
});

describe("a Node that is not supported", () => {
  const refused = ["16.0.0", "18.20.8", "20.20.2", "22.22.1", "23.11.0", "24.14.9", "25.9.0"];
  const taken = ["22.22.2", "22.23.0", "24.15.0", "24.21.0", "26.0.0", "27.1.0", "26.0.0-nightly"];

  test.each(refused)("%s is told what to do", (version) => {
    expect(explainUnsupportedNode(version)?.message).toBe(
      `slipway needs Node ${supportedNode}, and this is Node ${version}`,
    );
  });

  test.each(taken)("%s is not told", (version) => {
    expect(explainUnsupportedNode(version)).toBeUndefined();
  });

  test("is one that package.json excludes, and one that the project's own commands replace", () => {
    const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } };
    expect(engines.node).toBe(supportedNode);
    expect(taken.filter((version) => !fitsEngines(version, engines.node))).toEqual([]);
    expect(refused.filter((version) => fitsEngines(version, engines.node))).toEqual([]);
  });

  test("does not run these tests", () => {
    expect(explainUnsupportedNode(process.versions.node)).toBeUndefined();
  });
});
