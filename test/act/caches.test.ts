import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Runner, startRunner } from "../../sandbox/index.ts";
import { sandbox } from "../e2e/rig.ts";
import { canRun, openScene, type Scene, trunk } from "./rig.ts";

describe.skipIf(!canRun)("caches of two empty engines", () => {
  let scene: Scene;
  let runners: readonly Runner[];
  beforeAll(async () => {
    const files = {
      "api/Dockerfile": "FROM busybox\nRUN echo slow > /slow.txt\nCOPY app.txt /\n",
      "api/app.txt": "api 1\n",
    };
    scene = await openScene(files, { init: ["--jobs", "matrix"] });
    runners = await Promise.all(["one", "two"].map((name) => startRunner(sandbox(), `act-${process.pid}-${name}`)));
  });
  afterAll(async () => {
    await Promise.all(runners.map((runner) => runner.close()));
    await scene.remove();
  });

  const on = (index: number) => ({
    docker: { jobs: ["build"], engines: [runners[index]?.env["DOCKER_HOST"] ?? ""] },
  });

  test("the second engine takes from GitHub's cache what the first one put there", async () => {
    const first = await scene.run(trunk, on(0));
    expect(first.exitCode, first.text).toBe(0);
    expect(scene.github.caches().length).toBeGreaterThan(0);
    const second = await scene.pushTrunk({ "api/app.txt": "api 2\n" }, on(1));
    expect(second.results(), second.text).toMatchObject({ "build api": "success", release: "success" });
    const { log, summary } = second.job("build");
    expect(log).toContain("cached: RUN echo slow > /slow.txt");
    expect(summary).toMatch(/\*\*api\*\* \| 1\/2 \(50 %\) \|.*\| gha/);
  });
});
