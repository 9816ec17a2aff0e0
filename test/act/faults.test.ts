import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canRun, openScene, type Scene, trunk } from "./rig.ts";

const files = {
  "api/Dockerfile": "FROM busybox\nCOPY app.txt /\n",
  "api/app.txt": "api 1\n",
  "web/Dockerfile": "FROM busybox\nCOPY app.txt /\n",
  "web/app.txt": "web 1\n",
};

describe.skipIf(!canRun)("what is missing or refused", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene(files, { init: ["--jobs", "matrix"] });
  });
  afterAll(() => scene.remove());

  test("no Docker: the build job says what is missing, and the release does not run", async () => {
    const run = await scene.run(trunk, { docker: { jobs: ["nobody"], engines: ["unix:///nobody.sock"] } });
    expect(run.results(), run.text).toEqual({
      plan: "success",
      "build api": "failure",
      "build web": "failure",
      slipway: "failure",
    });
    expect(
      run.jobs
        .find(({ id }) => id === "build")
        ?.annotations.map(({ message }) => message)
        .join("\n"),
    ).toMatch(/docker/i);
  });

  test("the cache service is down: it is reported and left out, and everything is released", async () => {
    scene.github.setFaults(({ kind }) => (kind === "cache" ? { kind: "status", status: 503 } : undefined));
    const run = await scene.run(trunk);
    scene.github.setFaults(undefined);
    expect(run.exitCode, run.text).toBe(0);
    expect(run.results()).toMatchObject({ "build api": "success", "build web": "success", release: "success" });
    const told = run.jobs.filter(({ id }) => id === "build").map(({ annotations, summary }) => [annotations, summary]);
    expect(JSON.stringify(told)).toMatch(/gha/);
  });

  test("a secondary rate limit is waited for, and the release is written", async () => {
    let limited = 0;
    scene.github.setFaults(({ path, method }) =>
      method === "POST" && path.endsWith("/releases") && (limited += 1) === 1
        ? { kind: "secondary-rate-limit", retryAfter: "1" }
        : undefined,
    );
    const run = await scene.pushTag("v1.0.0");
    scene.github.setFaults(undefined);
    expect(run.exitCode, run.text).toBe(0);
    expect(limited).toBeGreaterThan(1);
    expect(run.job("release").log).toMatch(/waiting/i);
    expect((await scene.github.state()).releases).toMatchObject([{ tag_name: "v1.0.0", draft: false }]);
  });

  test("a token that may not write contents: the permission is named", async () => {
    const run = await scene.pushTag("v1.0.1", { permissions: { contents: "read", packages: "write" } });
    expect(run.results(), run.text).toEqual({ plan: "success", release: "failure", slipway: "failure" });
    expect(
      run
        .job("release")
        .annotations.map(({ message }) => message)
        .join("\n"),
    ).toMatch(/contents: write/);
  });

  test("run again with the permission, the release is written, and nothing is built", async () => {
    const run = await scene.pushTag("v1.0.1");
    expect(run.results(), run.text).toEqual({ plan: "success", release: "success", slipway: "success" });
    expect((await scene.github.state()).releases.map((each) => each["tag_name"])).toContain("v1.0.1");
  });

  test("a tag that only looks like a version is refused before anything is built", async () => {
    const run = await scene.pushTag("v1.2.x");
    expect(run.results(), run.text).toEqual({ plan: "failure", slipway: "failure" });
    expect(
      run
        .job("plan")
        .annotations.map(({ message }) => message)
        .join("\n"),
    ).toMatch(/"1\.2\.x".*no semantic version/);
  });

  test("two runs at once both finish, and the tags are at the newer commit", async () => {
    await scene.repo.commit({ "api/app.txt": "api 2\n" });
    await scene.push();
    const first = await scene.start(trunk);
    await scene.repo.commit({ "api/app.txt": "api 3\n" });
    await scene.push();
    const second = await scene.run(trunk);
    const [one, two] = [await first.ended, second];
    expect([one.exitCode, two.exitCode], `${one.text}\n${two.text}`).toEqual([0, 0]);
    const digests = JSON.parse(two.job("release").outputs["digests"] ?? "") as Record<string, string>;
    expect(await scene.repo.digest("api", "main")).toBe(digests["api"]);
  });
});
