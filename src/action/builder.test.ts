import { expect, test } from "vitest";
import { inspectBuilder } from "../buildkit/builder.ts";
import { type DockerAnswer, inOrder, makeFakeDocker } from "../testing/docker/fake-docker.ts";
import type { Event } from "../event.ts";
import { makeRun } from "../github/run.ts";
import { makePlatform } from "../model/platform.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { chooseBuilder } from "./builder.ts";
import { removeBuilder } from "./remove-builder.ts";
import { makeTestRunner } from "./testing/test-runner.ts";

const amd64 = makePlatform({ os: "linux", architecture: "amd64" });
const arm64 = makePlatform({ os: "linux", architecture: "arm64" });
const containerd = "org.mobyproject.buildkit.worker.containerd.namespace: moby";

function inspection(driver: string, label = "", platforms = "linux/amd64"): DockerAnswer {
  const stdout = `Name: default\nDriver: ${driver}\n\nNodes:\nName: default\nEndpoint: default\nPlatforms: ${platforms}\nLabels:\n ${label}\n`;
  return { stdout };
}

const done: DockerAnswer = {};

function makeJob(...runs: DockerAnswer[]) {
  const docker = makeFakeDocker({ answer: inOrder(...runs) });
  const host = makeTestHost({
    env: { GITHUB_RUN_ID: "504" },
    run: (_program, args, options) => docker.run(args, options),
  });
  const run = makeRun(host.env, undefined);
  const events: Event[] = [];
  const runner = makeTestRunner();
  const asked = (): string[] => docker.calls.map(({ args }) => args.join(" "));
  const choose = chooseBuilder({ host, run, runner, emit: (event) => events.push(event) });
  return { host, run, runner, events, asked, choose };
}

test("an engine that can export caches builds by itself", async () => {
  const { choose, asked } = makeJob(inspection("docker", containerd));
  expect(await choose([amd64])).toMatchObject({ name: undefined, builder: { name: "default" } });
  expect(asked()).toEqual(["buildx inspect"]);
});

test("an engine that cannot gets a builder of the job's own, whose name is kept for its end", async () => {
  const { choose, asked, host, runner } = makeJob(inspection("docker"), done, inspection("docker-container"), done);
  const { name, builder } = await choose([amd64]);
  expect(name).toMatch(/^slipway-504-[0-9a-z]+$/);
  expect(asked()[1]).toBe(`buildx create --name ${name} --driver docker-container --bootstrap`);
  expect(asked()[2]).toBe(`buildx inspect ${name}`);
  expect(builder.exportsCaches).toBe(true);
  expect(runner.state).toEqual({ builder: name });
  await removeBuilder(host, name ?? "", "");
  expect(asked()[3]).toBe(`buildx rm --force ${name}`);
});

test("a platform that the machine has not is emulated, by digest, and a warning says how slow that is", async () => {
  const emulating = inspection("docker", containerd, "linux/amd64, linux/arm64");
  const { choose, asked, events } = makeJob(inspection("docker", containerd), done, emulating);
  expect((await choose([amd64, arm64])).builder.platforms).toEqual([amd64, arm64]);
  expect(asked()[1]).toMatch(/^run --privileged --rm tonistiigi\/binfmt:\S+@sha256:[0-9a-f]{64} --install arm64$/);
  expect(events).toEqual([
    {
      kind: "warning",
      message: "this runner has no linux/arm64: builds for it are emulated, which takes many times as long",
    },
  ]);
});

test("a pool of builders elsewhere is not emulated here", async () => {
  const { choose, asked } = makeJob(inspection("kubernetes"));
  expect(await choose([arm64])).toMatchObject({ name: undefined, builder: { driver: "kubernetes" } });
  expect(asked()).toEqual(["buildx inspect"]);
});

test("emulation that cannot be had says which runner would do", async () => {
  const denied: DockerAnswer = { stderr: "docker: permission denied\n", exitCode: 125 };
  const { choose } = makeJob(inspection("docker", containerd), denied);
  await expect(choose([arm64])).rejects.toMatchObject({
    code: "unavailable",
    message: "installing emulation for linux/arm64: docker run ended with exit code 125: docker: permission denied",
    hint: expect.stringContaining("choose a runner that has the platform itself") as string,
  });
});

test("an engine that was asked before is not asked again", async () => {
  const { host, run, runner, asked } = makeJob(inspection("docker", containerd));
  const choose = chooseBuilder({ host, run, runner, emit: () => undefined }, inspectBuilder(host));
  expect((await choose([amd64])).builder.exportsCaches).toBe(true);
  expect(asked()).toEqual(["buildx inspect"]);
});
