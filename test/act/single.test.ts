import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canRun, openScene, type Scene, trunk } from "./rig.ts";

const files = {
  "api/Dockerfile": "FROM scratch\nCOPY app.txt /\n",
  "api/app.txt": "api 1\n",
  "web/Dockerfile": "FROM api\nCOPY app.txt /site.txt\n",
  "web/app.txt": "web 1\n",
};
const config = "services:\n  api: { context: api }\n  web: { context: web, contexts: { api: { service: api } } }\n";

describe.skipIf(!canRun)("the workflow with everything in one job", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene(files, { config, init: ["--jobs", "single"] });
  });
  afterAll(() => scene.remove());

  const digests = async (tag: string): Promise<Record<string, string | undefined>> => ({
    api: await scene.repo.digest("api", tag),
    web: await scene.repo.digest("web", tag),
  });

  test("plans, builds and releases", async () => {
    const run = await scene.run(trunk);
    expect(run.results(), run.text).toEqual({ release: "success", slipway: "success" });
    const released = await digests("main");
    expect(JSON.parse(run.job("release").outputs["digests"] ?? "")).toEqual(released);
    expect(run.job("release").summary).toContain("api");
  });

  test("gives a version's tag the same digests, and writes the GitHub release", async () => {
    const before = await digests("main");
    const run = await scene.pushTag("v1.0.0");
    expect(run.results(), run.text).toEqual({ release: "success", slipway: "success" });
    expect(await digests("1.0.0")).toEqual(before);
    expect((await scene.github.state()).releases).toMatchObject([{ tag_name: "v1.0.0", draft: false }]);
  });

  test("publishes nothing for a pull request", async () => {
    const listing = await scene.repo.listing();
    const run = await scene.pullRequest({ "api/app.txt": "api, proposed\n" });
    expect(run.results(), run.text).toEqual({ release: "success", slipway: "success" });
    expect(await scene.repo.listing()).toEqual(listing);
  });
});
