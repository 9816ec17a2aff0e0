import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canRun, openScene, type Scene, trunk } from "./rig.ts";

/** As release-please and the like do it: the tag that they make starts nothing by itself. */
const caller = `name: version
on:
  push:
    branches: [main]
permissions: {}
jobs:
  images:
    uses: ./.github/workflows/slipway.yml
    permissions:
      contents: write
      packages: write
    with:
      version: 2.0.0
  after:
    needs: [images]
    runs-on: ubuntu-slim
    steps:
      - env:
          DIGESTS: \${{ needs.images.outputs.digests }}
        run: echo "released $DIGESTS"
`;

describe.skipIf(!canRun)("a workflow that releases by calling the generated one", () => {
  let scene: Scene;
  beforeAll(async () => {
    const files = {
      "api/Dockerfile": "FROM scratch\nCOPY app.txt /\n",
      "api/app.txt": "api 1\n",
      ".github/workflows/version.yml": caller,
    };
    scene = await openScene(files, { init: ["--beside", "--jobs", "single"] });
  });
  afterAll(() => scene.remove());

  test("gets the version that it names released, and its digests", async () => {
    const run = await scene.run(trunk, { workflow: ".github/workflows/version.yml" });
    expect(run.exitCode, run.text).toBe(0);
    const digest = await scene.repo.digest("api", "2.0.0");
    expect(digest).toMatch(/^sha256:/);
    expect(run.job("after").log).toContain(`released {"api":"${digest}"}`);
  });
});
