import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SandboxBuilder, startBuilder, whyNoBuilder } from "../../../sandbox/index.ts";
import { getText, sandbox } from "../../e2e/rig.ts";
import { canRun } from "../rig.ts";
import { readShapes } from "./image-shape.ts";
import { gitRows, type StepRow, stepRowsOn } from "./rows.ts";
import { dockersActions, openStepScene, stepActions, type StepScene, type WrittenStep } from "./step-scene.ts";

const execute = promisify(execFile);

const by = dockersActions["build-push"] === undefined ? (["ours"] as const) : (["dockers", "ours"] as const);

describe.skipIf(!canRun)("the step build-push in a workflow", () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepScene();
  });
  afterAll(() => scene.close());

  /** Builds rows, and once more; gives what each image is like after the first time, and what the second time says. */
  const twice = async (rows: readonly StepRow[], env: Readonly<Record<string, string>> = {}) => {
    const uses = rows.flatMap((row) => by.map((each) => ({ by: each, row })));
    const first = await scene.run(uses, { env });
    expect(
      first.ends.map(({ outcome }) => outcome),
      first.text.slice(-5000),
    ).toEqual(uses.map(() => "success"));
    for (const row of rows) {
      const shapes = await Promise.all(by.map((each) => readShapes(scene.image({ by: each, row }))));
      expect(Object.keys(shapes[0] ?? {})).toEqual(["main"]);
      for (const shape of shapes) expect(shape, row.name).toEqual(shapes[0]);
    }
    const second = await scene.run(
      rows.map((row) => ({ by: "ours", row })),
      { env },
    );
    const faults = second.job("steps").annotations.filter(({ level }) => level === "error");
    expect(faults).toEqual([]);
    return second.ends.map(({ outputs }, index) => [rows[index]?.name, outputs["reused"], outputs["because"]]);
  };
  const reused = (rows: readonly StepRow[]) =>
    rows.map(({ name }) => [name, "true", "nothing changed since its published image"]);

  test("reuses what BuildKit fetched from the run's own repository at its commit", async () => {
    expect(await twice(gitRows)).toEqual(reused(gitRows));
  });

  test("builds on a schedule, though nothing changed", async () => {
    const [row] = stepRowsOn("docker");
    if (row === undefined) throw new Error("there are no rows");
    await scene.run([{ by: "ours", row }]);
    const { ends } = await scene.run([{ by: "ours", row }], { event: "schedule" });
    expect(ends[0]?.outputs).toMatchObject({ reused: "false", because: expect.stringContaining("schedule") });
  });

  describe("with BuildKit's daemon on another machine", () => {
    const whyNot = canRun ? whyNoBuilder(sandbox(), "remote") : "there is no engine";
    let builder: SandboxBuilder | undefined;
    afterAll(() => builder?.close());

    test.skipIf(whyNot !== undefined)("does what docker's action does, and reuses it", async () => {
      builder = await startBuilder(sandbox(), { name: `steps-remote-${process.pid}`, kind: "remote" });
      const names = ["push", "two platforms", "output with compression", "load and push"];
      const chosen = stepRowsOn("container").filter(({ name }) => names.includes(name));
      // Images of its own: what another builder pushed would be reused.
      const rows = chosen.map((row) => ({ ...row, name: `${row.name}, remote` }));
      expect(await twice(rows, builder.env)).toEqual(reused(rows));
    });

    test.skipIf(whyNot !== undefined)(
      "loads what another step pushed, as that builder would: the image alone",
      async () => {
        const image = scene.repo.image("tested");
        const build = (inputs: Readonly<Record<string, string>>): WrittenStep => ({
          uses: stepActions.ours["build-push"],
          with: { context: "app", ...inputs },
        });
        const steps = [build({ push: "true", tags: `${image}:1` }), build({ load: "true", tags: `${image}:test` })];
        const { ends, text } = await scene.runSteps(steps, { env: { ...builder?.env } });
        const [pushed, loaded] = ends.map(({ outputs }) => outputs);
        expect([pushed?.["reused"], loaded?.["reused"]], text.slice(-5000)).toEqual(["false", "true"]);
        const index = JSON.parse(await getText(image, "manifests/1")) as { manifests: { digest: string }[] };
        expect(loaded?.["digest"]).toBe(index.manifests[0]?.digest);
        const id = await execute("docker", ["image", "inspect", "--format", "{{.Id}}", `${image}:test`], {
          env: { ...process.env, ...sandbox().env },
        });
        expect(id.stdout.trim()).toBe(loaded?.["imageid"]);
      },
    );
  });
});
