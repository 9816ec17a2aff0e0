import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gate, openGate } from "../e2e/gate.ts";
import { sandbox } from "../e2e/rig.ts";
import { openOutside, type Outside } from "./outside.ts";
import { canRun, finish, openScene, type Scene, trunk } from "./rig.ts";

describe.skipIf(!canRun)("a run that is cancelled", () => {
  let scene: Scene;
  let gate: Gate;
  let outside: Outside;
  beforeAll(async () => {
    outside = await openOutside();
    gate = await openGate(sandbox().registry);
    const files = {
      "api/Dockerfile": "FROM scratch\nCOPY app.txt /\n",
      "api/app.txt": "api 1\n",
      "web/Dockerfile": `FROM scratch\n${outside.instruction}\nCOPY app.txt /\n`,
      "web/app.txt": "web 1\n",
    };
    scene = await openScene(files, { by: gate.host, init: ["--jobs", "matrix"] });
  });
  afterAll(async () => {
    await scene.remove();
    await gate.close();
    await outside.close();
  });

  const tags = async (): Promise<Record<string, string | undefined>> =>
    Object.fromEntries(
      await Promise.all(["api", "web"].map(async (name) => [name, await scene.repo.digest(name, "main")] as const)),
    );

  test("during the builds has moved nothing; run again it finishes, and what was built is not built again", async () => {
    outside.answer("never");
    const built = gate.hold({ matching: /^PUT .*\/api\/manifests\/fp-[0-9a-f]{32}$/, when: "answered" });
    const running = await scene.start(trunk);
    const isThere = Promise.all([built.caught, outside.waited()]);
    await Promise.race([isThere, running.ended.then(({ text }) => Promise.reject(new Error(text)))]);
    built.release();
    running.interrupt();
    const cancelled = await finish(running);
    expect(cancelled.exitCode).not.toBe(0);
    expect(cancelled.results()).not.toMatchObject({ release: "success" });
    expect(await tags()).toEqual({ api: undefined, web: undefined });
    outside.answer("well");
    const again = await scene.run(trunk, { runId: cancelled.runId, runAttempt: 2 });
    expect(again.results(), again.text).toEqual({
      plan: "success",
      "build web": "success",
      release: "success",
      slipway: "success",
    });
    expect(Object.values(await tags()).filter((digest) => digest === undefined)).toEqual([]);
  });

  test("during the promotion is finished by the same run, which builds nothing", async () => {
    await scene.repo.commit({ "api/app.txt": "api 2\n", "web/app.txt": "web 2\n" });
    const before = await tags();
    await scene.push();
    const held = gate.hold({ matching: /^PUT .*\/(?:api|web)\/manifests\/main$/, after: 1 });
    const running = await scene.start(trunk);
    await Promise.race([held.caught, running.ended.then(({ text }) => Promise.reject(new Error(text)))]);
    running.interrupt();
    const cancelled = await finish(running);
    held.release();
    expect(cancelled.exitCode).not.toBe(0);
    const half = await tags();
    expect(Object.keys(half).filter((name) => half[name] !== before[name])).toHaveLength(1);
    const again = await scene.run(trunk, { runId: cancelled.runId, runAttempt: 2 });
    expect(again.results(), again.text).toEqual({ plan: "success", release: "success", slipway: "success" });
    const after = await tags();
    expect(Object.keys(after).filter((name) => after[name] === before[name])).toEqual([]);
  });
});
