import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canRun } from "../rig.ts";
import { type ImageShape, readShapes } from "./image-shape.ts";
import { stepRows } from "./rows.ts";
import { openStepScene, type StepEnd, type StepScene } from "./step-scene.ts";

const action = process.env["SLIPWAY_BUILD_PUSH_ACTION"];

describe.skipIf(!canRun)("the step build-push, in a workflow,", () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepScene(action);
  });
  afterAll(() => scene.close());

  test("try", async () => {
    const only = process.env["ROWS"]?.split("|") ?? [];
    const rows = stepRows.filter(({ name }) => only.length === 0 || only.includes(name));
    const run = await scene.run(rows.flatMap((row) => [{ by: "dockers", row } as const, { by: "ours", row } as const]));
    const again = await scene.run(rows.map((row) => ({ by: "ours", row }) as const));
    for (const [index, row] of rows.entries()) {
      const [a, b, c] = [run.ends[index * 2], run.ends[index * 2 + 1], again.ends[index]] as StepEnd[];
      const [x, y] = await Promise.all([
        readShapes(scene.image({ by: "dockers", row })),
        readShapes(scene.image({ by: "ours", row })),
      ]);
      const same = JSON.stringify(x) === JSON.stringify(y);
      console.log(
        `## ${row.name}: ${a?.outcome} ${b?.outcome} ${c?.outcome} same=${same} ${Object.keys(x)} | ${Object.keys(a?.outputs ?? {})} | ${Object.keys(b?.outputs ?? {})}| second=${c?.outputs["reused"]} want=${row.second} first: ${b?.outputs["because"]} because: ${c?.outputs["because"]}`,
      );
      if (!same) console.log(JSON.stringify(x), "\n", JSON.stringify(y));
    }
    console.log(run.seconds, again.seconds, run.job("steps").annotations, again.job("steps").annotations);
    if (process.env["LOG"]) console.log(again.job("steps").log.slice(-6000), again.job("steps").summary.slice(0, 3000));
    expect(run.exitCode).toBe(0);
    expect({} as ImageShape).toEqual({});
  }, 900_000);
});
