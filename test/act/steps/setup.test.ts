import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headDigest, sandbox } from "../../e2e/rig.ts";
import { openOutside, type Outside } from "../outside.ts";
import { canRun } from "../rig.ts";
import { openStepScene, stepActions, type StepScene, type WrittenStep } from "./step-scene.ts";

const setup: WrittenStep = { uses: stepActions.ours.setup };

describe.skipIf(!canRun)("the setup step in a workflow", () => {
  let scene: StepScene;
  let outside: Outside;
  beforeAll(async () => {
    scene = await openStepScene();
    outside = await openOutside();
    await scene.repo.commit({
      "waits/Dockerfile": `FROM scratch\n${outside.instruction}\nCOPY a.txt /\n`,
      "waits/a.txt": "",
    });
    await scene.hosted.push("refs/heads/main");
  });
  afterAll(async () => {
    await outside.close();
    await scene.close();
  });

  /** What a job could leave, and the plugin that docker finds. */
  const machine = (): unknown => {
    const folder = sandbox().env["DOCKER_CONFIG"] ?? "";
    const plugin = join(folder, "cli-plugins/docker-buildx");
    return [readdirSync(folder).filter((name) => name.startsWith("slipway-")), realpathSync(plugin)];
  };

  test("a script that builds and pushes is reused by the next run's, and the machine is as before", async () => {
    const before = machine();
    const image = scene.repo.image("script");
    const script: WrittenStep = { run: `docker build -t ${image}:1 app && docker push --quiet ${image}:1` };
    const first = await scene.runSteps([setup, script]);
    const job = first.job("steps");
    expect(job.result, first.text.slice(-5000)).toBe("success");
    expect(job.log).toContain("Slipway is in place of buildx");
    expect(job.log).toContain(`${image}:1: pushed, and recorded for later runs`);
    expect(machine()).toEqual(before);
    const digest = await headDigest(image, "1");
    const second = (await scene.runSteps([setup, script])).job("steps");
    expect(second.summary).toContain("1 build, 1 reused");
    expect(await headDigest(image, "1")).toBe(digest);
    expect(machine()).toEqual(before);
  });

  test("a run that is cancelled in a build leaves the machine as it was, and a later run builds", async () => {
    const before = machine();
    const image = scene.repo.image("cancelled");
    const script: WrittenStep = { run: `docker build -t ${image}:1 waits && docker push --quiet ${image}:1` };
    outside.answer("never");
    const running = await scene.startSteps([setup, script]);
    await Promise.race([outside.waited(), running.ended.then(({ text }) => Promise.reject(new Error(text)))]);
    expect(machine()).not.toEqual(before);
    running.interrupt();
    const cancelled = await running.ended;
    expect(cancelled.exitCode).not.toBe(0);
    expect(machine()).toEqual(before);
    expect(await headDigest(image, "1")).toBeUndefined();
    outside.answer("well");
    const again = await scene.runSteps([setup, script]);
    expect(again.job("steps").result, again.text.slice(-5000)).toBe("success");
    expect(machine()).toEqual(before);
  });
});
