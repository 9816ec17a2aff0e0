import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canRun } from "../rig.ts";
import { openStepScene, stepActions, type StepScene, type WrittenStep } from "./step-scene.ts";

describe.skipIf(!canRun)("what a step gives beside the image", () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepScene();
  });
  afterAll(() => scene.close());

  const step = (name: string, inputs: Readonly<Record<string, string>> = {}): WrittenStep => ({
    uses: stepActions.ours["build-push"],
    with: { context: "app", push: "true", tags: `${scene.repo.image(name)}:1`, ...inputs },
  });

  test("is an annotation of what a build's checks found", async () => {
    const built = await scene.runSteps([step("checked", { file: "docker/warns.Dockerfile" })]);
    const found = built.job("steps").annotations.map(({ level, at }) => [level, at["file"], at["line"]]);
    expect(found).toContainEqual(["warning", "docker/warns.Dockerfile", "1"]);
  });

  test("is docker's record and summary where something was built, and Slipway's own summary always", async () => {
    const env = { DOCKER_BUILD_SUMMARY: "true" };
    const built = await scene.runSteps([step("told", { file: "docker/warns.Dockerfile" })], { env });
    const job = built.job("steps");
    expect(job.result, built.text.slice(-5000)).toBe("success");
    expect(job.summary).toContain("Docker Build summary");
    expect(job.summary).toContain("| built | no image of these inputs has been published yet |");
    expect(job.summary).toContain("Written for the first time");
    const records = (await scene.hosted.github.state()).artifacts.filter(({ name }) => name.endsWith(".dockerbuild"));
    expect(records).toHaveLength(1);

    const reused = await scene.runSteps([step("told", { file: "docker/warns.Dockerfile" })], { env });
    expect(reused.ends[0]?.outputs["reused"]).toBe("true");
    expect(reused.job("steps").summary).not.toContain("Docker Build summary");
    expect(reused.job("steps").summary).toContain("| reused | nothing changed since its published image |");
    expect(reused.job("steps").log).not.toContain("[command]");
  });

  test("is a report of what would be reused, also by the environment", async () => {
    await scene.runSteps([step("reported")]);
    const report = await scene.runSteps([step("reported", { reuse: "report" })]);
    expect(report.ends[0]?.outputs["reused"]).toBe("false");
    expect(report.job("steps").summary).toMatch(
      /built; would have reused `sha256:[0-9a-f]{64}`, whose content is the same/,
    );
    const off = await scene.runSteps([step("reported")], { env: { SLIPWAY_REUSE: "off" } });
    expect(off.ends[0]?.outputs).toMatchObject({ reused: "false", because: expect.stringContaining("off") });
  });

  test("is an annotation of an arg that spoils reuse at every commit, and what to do works", async () => {
    const spoiled = (inputs: Readonly<Record<string, string>> = {}): WrittenStep =>
      step("spoiled", { file: "docker/args.Dockerfile", "build-args": "A=${{ github.sha }}", ...inputs });
    const commit = async (): Promise<void> => {
      await scene.repo.commit({ "unrelated.txt": `${Math.random()}` });
      await scene.hosted.push("refs/heads/main");
    };
    await scene.runSteps([spoiled()]);
    await commit();
    const second = await scene.runSteps([spoiled()]);
    expect(second.ends[0]?.outputs["because"]).toContain("A");
    const messages = second.job("steps").annotations.map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringContaining("with `stamp: A`"));
    await scene.runSteps([spoiled({ stamp: "A" })]);
    await commit();
    expect((await scene.runSteps([spoiled({ stamp: "A" })])).ends[0]?.outputs["reused"]).toBe("true");
  });
});
