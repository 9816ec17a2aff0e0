import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type MachineJob, renderInstall, renderRemove } from "./machine-stand-in.ts";

/** A machine with folders of its own, on which programs run without the job's environment, as under sudo. */
function makeMachine() {
  const folder = mkdtempSync(join(tmpdir(), "slipway-machine-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const places = { plugins: join(folder, "lib/docker/cli-plugins"), own: join(folder, "lib/docker/slipway") };
  const plugin = join(places.plugins, "docker-buildx");
  const real = join(folder, "real");
  writeFileSync(real, "#!/bin/sh\necho real $1\n", { mode: 0o755 });
  const makeJob = (name: string): MachineJob => {
    const jobFolder = join(folder, name);
    const program = join(folder, `${name}.sh`);
    mkdirSync(jobFolder);
    writeFileSync(program, `echo ${name} $1\n`);
    return { name, program: { node: "/bin/sh", program, folder: jobFolder }, real, metadata: "{}" };
  };
  const asRoot = (script: string): void => {
    const { status, stderr } = spawnSync("/bin/sh", ["-c", script], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  };
  /** `sudo docker-buildx build` in a step of the job: the process above still has the job's variable. */
  const build = (job: string | undefined): string => {
    const inner = `env -i PATH="$PATH" ${plugin} build .; :`;
    const env = { PATH: process.env["PATH"], ...(job === undefined ? {} : { SLIPWAY_JOB: job }) };
    return spawnSync("/bin/sh", ["-c", inner], { encoding: "utf8", env }).stdout.trim();
  };
  return {
    places,
    plugin,
    makeJob,
    build,
    install: (job: MachineJob) => asRoot(renderInstall(places, job)),
    remove: (name: string) => asRoot(renderRemove(places, name)),
  };
}

const hasProcessFiles = existsSync("/proc/self/environ");

test.skipIf(!hasProcessFiles)("builds of each job are its own; those of no job go to Docker's plugin", () => {
  const { makeJob, install, build } = makeMachine();
  install(makeJob("a-1"));
  install(makeJob("b-2"));
  expect([build("a-1"), build("b-2"), build("c-3"), build(undefined)]).toEqual([
    "a-1 build",
    "b-2 build",
    "real build",
    "real build",
  ]);
});

test("it stays while a job needs it, and leaves the machine as it was", () => {
  const { makeJob, install, remove, plugin, places } = makeMachine();
  install(makeJob("a"));
  install(makeJob("a2"));
  remove("a");
  expect(existsSync(plugin)).toBe(true);
  remove("a2");
  expect([existsSync(plugin), existsSync(places.own), existsSync(`${places.own}.lock`)]).toEqual([false, false, false]);
  remove("a2");
});

test("a job that was killed does not keep it", () => {
  const { makeJob, install, remove, plugin } = makeMachine();
  const killed = makeJob("killed");
  install(killed);
  install(makeJob("b"));
  rmSync(killed.program.folder, { recursive: true });
  remove("b");
  expect(existsSync(plugin)).toBe(false);
});

test.skipIf(!hasProcessFiles)("a plugin in its place is used meanwhile, and put back", () => {
  const { makeJob, install, remove, plugin, places, build } = makeMachine();
  mkdirSync(places.plugins, { recursive: true });
  writeFileSync(plugin, "#!/bin/sh\necho machine $1\n", { mode: 0o755 });
  install(makeJob("a"));
  install(makeJob("b"));
  expect([build("a"), build(undefined)]).toEqual(["a build", "machine build"]);
  remove("a");
  remove("b");
  expect(readFileSync(plugin, "utf8")).toContain("echo machine");
});

test("a lock of a script that was killed is taken", async () => {
  const { makeJob, places, plugin } = makeMachine();
  mkdirSync(`${places.own}.lock`, { recursive: true });
  // A clock of its own: a wait is over at once.
  const script = `sleep() { :; }\n${renderInstall(places, makeJob("a"))}`;
  const child = spawn("/bin/sh", ["-c", script]);
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  expect(existsSync(plugin)).toBe(true);
});
