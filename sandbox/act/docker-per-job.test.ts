import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../processes.ts";
import { makeDockerPerJob } from "./docker-per-job.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "docker-per-job-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The real one only says where it was sent. */
function make(engines: readonly string[]) {
  const docker = join(folder, "docker");
  writeFileSync(docker, '#!/bin/sh\necho "$DOCKER_HOST $*"\n');
  chmodSync(docker, 0o755);
  const made = makeDockerPerJob({ folder: join(folder, "it's"), docker, jobs: ["build", "build-2"], engines });
  return {
    ...made,
    call: (job: string, machine: string, ...args: string[]) =>
      run(join(made.folder, "docker"), args, {
        env: { ...process.env, GITHUB_JOB: job, RUNNER_TEMP: join(folder, machine, "tmp") },
      }),
  };
}

test("each job has an engine of its own, and keeps it", async () => {
  const docker = make(["unix:///1", "unix:///2"]);
  expect((await docker.call("build", "a", "version")).stdout).toBe("unix:///1 version\n");
  expect((await docker.call("build", "b", "version")).stdout).toBe("unix:///2 version\n");
  expect((await docker.call("build", "a", "buildx", "ls")).stdout).toBe("unix:///1 buildx ls\n");
  expect((await docker.call("build-2", "c")).stdout).toBe("unix:///2 \n");
});

test("jobs that ask at the same time do not get the same engine", async () => {
  const engines = Array.from({ length: 8 }, (_, index) => `unix:///${index}`);
  const docker = make(engines);
  const given = await Promise.all(engines.map((_, index) => docker.call("build", `job-${index}`)));
  expect(given.map(({ stdout }) => stdout.trim()).toSorted()).toEqual(engines);
});

test("a job that is not to have Docker finds none, and that it looked is known", async () => {
  const docker = make(["unix:///1"]);
  expect(docker.refused()).toEqual([]);
  const found = await docker.call("plan", "a", "version");
  expect(found).toMatchObject({ exitCode: 127, stderr: "docker: this runner has no Docker\n" });
  expect(docker.refused()).toEqual(["plan: version"]);
});
