// Held beside docker/bake-action itself where it is at hand: SLIPWAY_BAKE_ACTION is a working tree or a git directory of it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canRun } from "../rig.ts";
import { type ImageShape, readShapes } from "./image-shape.ts";
import {
  dockersActions,
  openStepScene,
  stepActions,
  type StepEnd,
  type StepScene,
  type WrittenStep,
} from "./step-scene.ts";

const names = ["base", "shop", "variant"] as const;

describe.skipIf(!canRun)("the step bake in a workflow", () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepScene();
  });
  afterAll(() => scene.close());

  const step = (by: "dockers" | "ours", inputs: Readonly<Record<string, string>> = {}): WrittenStep => ({
    uses: stepActions[by].bake,
    with: { source: ".", push: "true", ...inputs },
    env: { PREFIX: scene.repo.image(by) },
  });
  const shapes = async (by: "dockers" | "ours"): Promise<Record<string, Record<string, ImageShape>>> =>
    Object.fromEntries(
      await Promise.all(
        names.map(async (name) => [name, await readShapes(`${scene.repo.image(by)}/${name}`)] as const),
      ),
    );
  const because = (end: StepEnd | undefined): Record<string, string> => JSON.parse(end?.outputs["because"] ?? "{}");

  test("pushes what docker's action does, once, and by digest to what links to it", async () => {
    const hasDockers = dockersActions.bake !== undefined;
    const first = await scene.runSteps([...(hasDockers ? [step("dockers")] : []), step("ours")]);
    const ours = first.ends.at(-1);
    expect(ours?.outcome, first.text.slice(-5000)).toBe("success");
    expect(ours?.outputs["reused"]).toBe("false");
    const before = await shapes("ours");
    expect(Object.keys(before["shop"] ?? {})).toEqual(["1", "latest"]);
    if (hasDockers) expect(before).toEqual(await shapes("dockers"));
    const metadata = JSON.parse(ours?.outputs["metadata"] ?? "{}") as Record<string, Record<string, unknown>>;
    const targets = ["base", "shop", "variant-one", "variant-two"];
    expect(
      Object.keys(metadata)
        .filter((name) => !name.startsWith("buildx."))
        .sort(),
    ).toEqual(targets);

    const again = await scene.runSteps([step("ours")]);
    expect(again.ends[0]?.outputs["reused"], JSON.stringify(because(again.ends[0]))).toBe("true");
    const metadataAgain = JSON.parse(again.ends[0]?.outputs["metadata"] ?? "{}") as typeof metadata;
    for (const name of targets) {
      expect(metadataAgain[name]?.["containerimage.digest"]).toBe(metadata[name]?.["containerimage.digest"]);
    }
    expect(again.job("steps").log).not.toContain("[command]docker buildx bake");

    await scene.repo.commit({ "bake/a.txt": "baked 2\n" });
    await scene.hosted.push("refs/heads/main");
    const changed = await scene.runSteps([step("ours")]);
    expect(changed.ends[0]?.outputs["reused"]).toBe("false");
    expect(because(changed.ends[0])["base"]).toBe("nothing changed since its published image");
    const digest = metadata["base"]?.["containerimage.digest"];
    expect(changed.job("steps").log).toContain(
      `--set shop.contexts.base=docker-image://${scene.repo.image("ours")}/base@${String(digest)} shop`,
    );
    const after = await shapes("ours");
    expect(after["base"]).toEqual(before["base"]);
    expect(after["shop"]).not.toEqual(before["shop"]);
  }, 900_000);
});
