import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeRun } from "../../github/run.ts";
import { makeNodeHost } from "../../node-host.ts";
import type { BuildNote } from "../../plugin/build-note.ts";
import { addToJournal, readStandInSettings } from "../../plugin/job-folder.ts";
import { startDocker } from "../../testing/docker/docker-program.ts";
import { type FakeDocker, makeFakeDocker } from "../../testing/docker/fake-docker.ts";
import { makeTestHost } from "../../testing/test-host.ts";
import { makeTestRunner, type TestRunner } from "../testing/test-runner.ts";
import { readSetupState, removeJobFolder, removeStandIn, restoreVariables } from "./remove-stand-in.ts";
import { runPost } from "./run-post.ts";
import { runSetup } from "./run-setup.ts";

interface MachineOptions {
  readonly answer?: FakeDocker["answer"];
  /** Whether the machine has buildx, and docker finds it whatever the job's configuration is. Default: `yes`. */
  readonly buildx?: "yes" | "no" | "always";
  readonly sudo?: string;
  readonly platform?: string;
}

/** A machine with Docker's command and its buildx, and a job on it. */
function makeMachine({ answer, buildx = "yes", sudo, platform = "linux" }: MachineOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-setup-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const at = (path: string): string => join(folder, path);
  const docker = makeFakeDocker(answer === undefined ? {} : { answer });
  const programs = startDocker(docker);
  if (buildx !== "no") docker.plugin = programs.placePlugin(at("plugins"));
  if (buildx === "always")
    docker.answer = ({ args }) => (args[0] === "info" ? { stdout: at("plugins/docker-buildx") } : undefined);
  for (const name of ["bin", "home/.docker", "temp"]) mkdirSync(at(name), { recursive: true });
  if (sudo !== undefined) writeFileSync(at("bin/sudo"), `#!/bin/sh\n${sudo}\n`, { mode: 0o755 });
  writeFileSync(at("home/.docker/config.json"), '{"auths":{}}');
  const machine = { plugins: at("machine/cli-plugins"), own: at("machine/slipway") };
  const standIn = { node: process.execPath, program: at("stand-in.js") };
  const runJob = async (env: NodeJS.ProcessEnv = {}, runner: TestRunner = makeTestRunner()) => {
    const full = {
      PATH: `${programs.folder}:${at("bin")}:/usr/bin:/bin`,
      HOME: at("home"),
      RUNNER_TEMP: at("temp"),
      GITHUB_RUN_ID: "504",
      GITHUB_TOKEN: "secret",
      ...runner.exported,
      ...env,
    };
    const printed = makeTestHost();
    const host = { ...makeNodeHost({ env: full }), stdout: printed.stdout };
    const run = makeRun(full, undefined);
    const exitCode = await runSetup({ host, runner, run, programs: standIn, platform, machine });
    return { exitCode, log: printed.printed.stdout, runner, host };
  };
  const end = async ({
    host,
    runner,
  }: {
    readonly host: ReturnType<typeof makeNodeHost>;
    readonly runner: TestRunner;
  }) => {
    const state = readSetupState(runner);
    const removed = await removeStandIn(host, state, machine);
    restoreVariables(runner, state);
    await removeJobFolder(state);
    return removed;
  };
  return { at, runJob, end, machine };
}

test("steps that follow have a Docker configuration whose buildx is the stand-in; at the end the old one is back", async () => {
  const { runJob, end, at } = makeMachine();
  const step = await runJob();
  expect(step).toMatchObject({
    exitCode: 0,
    log: "Slipway is in place of buildx 0.29.1: builds of docker go through it until the job ends\n",
  });
  const { DOCKER_CONFIG = "", SLIPWAY_JOB } = step.runner.exported;
  expect(DOCKER_CONFIG).toBe(at(`home/.docker/slipway-${SLIPWAY_JOB}`));
  expect(readFileSync(join(DOCKER_CONFIG, "cli-plugins/docker-buildx"), "utf8")).toContain(at("stand-in.js"));
  const settings = await readStandInSettings(step.runner.state["setup-job"] ?? "");
  expect(settings).toMatchObject({ real: at("plugins/docker-buildx"), inputs: {}, env: { GITHUB_RUN_ID: "504" } });
  expect(JSON.stringify(settings)).not.toContain("secret");

  expect(await end(step)).toEqual({ end: "kept", faults: [] });
  expect(step.runner.exported).toEqual({ DOCKER_CONFIG: at("home/.docker"), SLIPWAY_JOB: "" });
  expect(readdirSync(at("home/.docker"))).toEqual(["config.json"]);
  expect(readdirSync(at("temp"))).toEqual([]);
});

test("a second setup step of a job only changes the inputs, and its end removes nothing", async () => {
  const { runJob, end, at } = makeMachine();
  const first = await runJob();
  const before = { ...first.runner.exported };
  const again = makeTestRunner();
  const second = await runJob({ ...before, INPUT_SUDO: "false" }, again);
  expect(second.log).toContain("in place of buildx already");
  expect(again.exported).toEqual({});
  expect((await readStandInSettings(first.runner.state["setup-job"] ?? ""))?.inputs).toEqual({ sudo: "false" });
  expect(await end(second)).toEqual({ end: "gone", faults: [] });
  expect(readdirSync(at("home/.docker"))).toEqual(["config.json", `slipway-${before["SLIPWAY_JOB"]}`]);
  expect(await end(first)).toEqual({ end: "kept", faults: [] });
  expect(await end(first)).toEqual({ end: "gone", faults: [] });
});

test("the configuration that a job set before is taken, and given back", async () => {
  const { runJob, end, at } = makeMachine();
  const step = await runJob({ DOCKER_CONFIG: at("own") });
  expect(step.runner.exported["DOCKER_CONFIG"]?.startsWith(at("own/slipway-"))).toBe(true);
  await end(step);
  expect(step.runner.exported["DOCKER_CONFIG"]).toBe(at("own"));
});

test.each<[string, MachineOptions, string]>([
  ["Windows", { platform: "win32" }, "builds on Windows are not covered"],
  ["a machine without buildx", { buildx: "no" }, "there is no docker with buildx here"],
  ["a docker with a plugin folder of its own before ours", { buildx: "always" }, "for buildx, whatever"],
])("on %s nothing is changed, the job goes on, and a warning says why", async (_name, options, because) => {
  const { runJob, at } = makeMachine(options);
  const { exitCode, log, runner } = await runJob();
  expect(exitCode).toBe(0);
  expect(log).toMatch(/^::warning title=Slipway::builds go on as without this step: /);
  expect(log).toContain(because);
  expect(runner.exported).toEqual({});
  expect(readdirSync(at("home/.docker"))).toEqual(["config.json"]);
});

test("a buildx that does not say what it is is left alone", async () => {
  const answer: FakeDocker["answer"] = ({ args }) =>
    args[1] === "docker-cli-plugin-metadata" ? { exitCode: 1 } : undefined;
  const { runJob } = makeMachine({ answer });
  expect((await runJob()).log).toContain("does not say what it is");
});

test.each([
  [{ INPUT_SUDO: "perhaps" }, 'input "sudo": "perhaps" is not known'],
  [{ INPUT_REFRESH: "soon" }, 'input "refresh": "soon" is no duration'],
])("an input that is wrong fails the step before anything is changed: %j", async (env, message) => {
  const { runJob, at } = makeMachine();
  const { exitCode, log, runner } = await runJob(env);
  expect(exitCode).toBe(2);
  expect(log).toContain(message);
  expect([runner.state, runner.exported, readdirSync(at("temp"))]).toEqual([{}, {}, []]);
});

test("sudo docker is covered where it is asked for, on GitHub's own runners without asking", async () => {
  const { runJob, end, machine } = makeMachine({ sudo: 'shift; exec "$@"' });
  for (const env of [{ INPUT_SUDO: "true" }, { RUNNER_ENVIRONMENT: "github-hosted" }]) {
    const step = await runJob(env);
    expect(step.log).toContain("builds of docker and sudo docker go through it");
    expect(readdirSync(machine.plugins)).toEqual(["docker-buildx"]);
    expect(await end(step)).toEqual({ end: "kept", faults: [] });
    expect(readdirSync(machine.plugins)).toEqual([]);
  }
  const step = await runJob();
  expect(readdirSync(machine.plugins)).toEqual([]);
  await end(step);
});

test("a machine whose sudo asks for a password is said, and the rest is in place", async () => {
  const { runJob } = makeMachine({ sudo: "echo 'sudo: a password is required' >&2; exit 1" });
  const { log, runner } = await runJob({ INPUT_SUDO: "true" });
  expect(log).toContain(
    "::warning title=Slipway::builds of sudo docker do not go through Slipway: sudo: a password is required",
  );
  expect(runner.exported).toHaveProperty("DOCKER_CONFIG");
});

const buildNote: BuildNote = {
  time: "2026-01-01T00:00:00.000Z",
  name: "reg.test/api:1",
  tags: ["reg.test/api:1"],
  outcome: "reused",
  because: "nothing changed",
  ids: ["sha256:a"],
  isPushed: false,
  savedSeconds: 60,
  spoiledBy: ["GIT_SHA"],
  pending: null,
};

/** What Docker's engine says: one image that was built, and its name. */
const engineEvents = `{"Action":"create","Actor":{"ID":"sha256:b"}}
{"Action":"tag","Actor":{"ID":"sha256:b","Attributes":{"name":"past:1"}}}
`;

test("the step's end puts everything back, then reports the job's builds and what went past Slipway", async () => {
  const { runJob, at, machine } = makeMachine({
    answer: ({ args }) => (args[0] === "events" ? { stdout: engineEvents } : undefined),
  });
  const step = await runJob();
  await addToJournal(step.host, step.runner.state["setup-job"] ?? "", [buildNote]);
  const printed = makeTestHost();
  await runPost({ host: { ...step.host, stdout: printed.stdout }, runner: step.runner, machine });
  expect(readdirSync(at("home/.docker"))).toEqual(["config.json"]);
  expect(readdirSync(at("temp"))).toEqual([]);
  expect(step.runner.exported).toEqual({ DOCKER_CONFIG: at("home/.docker"), SLIPWAY_JOB: "" });
  expect(printed.printed.stdout).toContain("reg.test/api:1: reused: nothing changed\n");
  expect(printed.printed.stdout).toContain("::warning title=Slipway::built without Slipway: past:1: ");
  const [summary = ""] = step.runner.summary;
  expect(summary).toContain("1 build, 1 reused, which saved 1 min");
  expect(summary).toContain("the build arg GIT\\_SHA differs in every run");
});

test("the end of a step that changed nothing does nothing", async () => {
  const { runJob, machine } = makeMachine({ platform: "win32" });
  const step = await runJob();
  await runPost({ host: step.host, runner: step.runner, machine });
  expect([step.runner.exported, step.runner.summary]).toEqual([{}, []]);
});
