import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withoutFinished } from "../../sandbox/act/rerun.ts";
import { openOutside, type Outside } from "./outside.ts";
import { canRun, type Finished, openScene, type Scene, trunk } from "./rig.ts";

const day = 86_400_000;

describe.skipIf(!canRun)("failed jobs that are run again by themselves", () => {
  let scene: Scene;
  let outside: Outside;
  let later = 0;
  beforeEach(async () => {
    outside = await openOutside();
    const files = {
      "api/Dockerfile": "FROM scratch\nCOPY app.txt /\n",
      "api/app.txt": "api 1\n",
      "web/Dockerfile": `FROM scratch\n${outside.instruction}\n`,
    };
    later = 0;
    scene = await openScene(files, { init: ["--jobs", "matrix"], github: { now: () => Date.now() + later } });
  });
  afterEach(async () => {
    await scene.remove();
    await outside.close();
  });

  /** web fails since what it adds cannot be had; then only web and what waits for it run again. */
  const again = async (between: () => void = () => undefined): Promise<Finished> => {
    outside.answer("with 503");
    const first = await scene.run(trunk);
    expect(first.results(), first.text).toEqual({
      plan: "success",
      "build api": "success",
      "build web": "failure",
      slipway: "failure",
    });
    outside.answer("well");
    between();
    const text = await readFile(join(scene.repo.folder, scene.workflow), "utf8");
    await scene.repo.write({ ".github/workflows/again.yml": withoutFinished(text, first) });
    const workflow = ".github/workflows/again.yml";
    return scene.run(trunk, { workflow, runId: first.runId, runAttempt: 2 });
  };

  test("take what the first attempt planned and built from its artifacts", async () => {
    const second = await again();
    expect(second.results(), second.text).toEqual({
      plan: "success",
      "build web": "success",
      release: "success",
      slipway: "success",
    });
    const digests = JSON.parse(second.job("release").outputs["digests"] ?? "") as Record<string, string>;
    expect(digests).toEqual({
      api: await scene.repo.digest("api", "main"),
      web: await scene.repo.digest("web", "main"),
    });
  });

  test("after the artifacts expired say so, and that all jobs are to be run again", async () => {
    const second = await again(() => (later = 100 * day));
    expect(second.results(), second.text).toMatchObject({ slipway: "failure" });
    expect(second.results()).not.toHaveProperty("release");
    const [said] = second.job("build").annotations.filter(({ level }) => level === "error");
    expect(said?.message).toMatch(/the run's plan is not there: its artifact is kept for a day[^]*re-run all jobs/);
  });
});
