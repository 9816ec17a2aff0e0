import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canRun, type Finished, openScene, type Scene, shopConfig, shopFiles, shopNames, trunk } from "./rig.ts";

/** What happens to one repository, one run after another. */
describe.skipIf(!canRun)("the workflow with a job a changed service", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene(shopFiles, { config: shopConfig });
  });
  afterAll(() => scene.remove());

  const digests = async (tag: string): Promise<Record<string, string | undefined>> =>
    Object.fromEntries(
      await Promise.all(shopNames.map(async (name) => [name, await scene.repo.digest(name, tag)] as const)),
    );
  const visible = async (): Promise<Record<string, string | undefined>> =>
    Object.fromEntries(Object.entries(await scene.repo.listing()).filter(([name]) => !/:(fp|build|cache)-/.test(name)));
  const all = { plan: "success", release: "success", slipway: "success" } as const;
  const expectAll = (run: Finished, builds: Readonly<Record<string, string>>): void => {
    expect(run.results(), run.text).toEqual({ ...all, ...builds });
    expect(run.exitCode).toBe(0);
    expect(run.refusedDocker()).toEqual([]);
    // The plan's digest went through outputs and inputs of the jobs: without it the job that releases warns.
    expect(run.text).not.toContain('plan-digest", so that it cannot tell');
  };

  test("a push to trunk builds everything, what starts from another's image after it, and releases the branch", async () => {
    const run = await scene.run(trunk);
    expectAll(run, {
      "build api": "success",
      "build gateway": "success",
      "build worker": "success",
      "build-2 web": "success",
    });
    const released = await digests("main");
    expect(Object.values(released).every((digest) => digest?.startsWith("sha256:"))).toBe(true);
    const { outputs } = run.job("release");
    expect(JSON.parse(outputs["digests"] ?? "")).toEqual(released);
    expect(JSON.parse(outputs["images"] ?? "")).toEqual(
      Object.fromEntries(shopNames.map((name) => [name, `${scene.repo.prefix}/${name}@${released[name]}`])),
    );
    expect(outputs["version"]).toBe("");
    for (const name of shopNames) expect(run.job("plan").summary).toContain(name);
    for (const name of shopNames) expect(run.job("release").summary).toContain(name);
  });

  test("a version's tag builds nothing: the images of trunk get the tags, and the GitHub release says what to pull", async () => {
    const trunkDigests = await digests("main");
    const run = await scene.pushTag("v1.0.0");
    expectAll(run, {});
    for (const tag of ["1.0.0", "1.0", "1", "latest"]) expect(await digests(tag)).toEqual(trunkDigests);
    expect(run.job("release").outputs["version"]).toBe("1.0.0");
    const { releases } = await scene.github.state();
    expect(releases).toMatchObject([{ tag_name: "v1.0.0", draft: false, prerelease: false }]);
    const [release] = releases;
    for (const name of shopNames) {
      expect(release?.["body"]).toContain(`${scene.repo.prefix}/${name}:1.0.0`);
      expect(release?.["body"]).toContain(trunkDigests[name]);
    }
    expect(release?.["assets"]).toEqual(
      expect.arrayContaining(["images.json", "images.md"].map((name) => expect.objectContaining({ name }))),
    );
  });

  test("the same run again changes nothing, neither in the registry nor in the release", async () => {
    const [listing, { releases }] = [await scene.repo.listing(), await scene.github.state()];
    const run = await scene.run({ event: "push", ref: "refs/tags/v1.0.0" }, { runId: "9001", runAttempt: 2 });
    expectAll(run, {});
    expect(await scene.repo.listing()).toEqual(listing);
    const after = (await scene.github.state()).releases;
    expect(after.map((each) => each["body"])).toEqual(releases.map((each) => each["body"]));
    expect(after).toHaveLength(1);
  });

  test("a pull request builds what changed, and leaves the registry and the releases as they are", async () => {
    const [listing, { releases }] = [await scene.repo.listing(), await scene.github.state()];
    const run = await scene.pullRequest({ "api/app.txt": "api, proposed\n" });
    expect(run.results(), run.text).toEqual({ plan: "success", "build api": "success", slipway: "success" });
    expect(await scene.repo.listing()).toEqual(listing);
    expect((await scene.github.state()).releases).toEqual(releases);
    expect(run.job("plan").outputs["release"]).toBe("false");
  });

  test("a pull request of a fork does the same with a token that may only read", async () => {
    const listing = await scene.repo.listing();
    const run = await scene.pullRequest({ "worker/app.txt": "worker, of a fork\n" }, { isFork: true });
    expect(run.results(), run.text).toEqual({ plan: "success", "build worker": "success", slipway: "success" });
    expect(await scene.repo.listing()).toEqual(listing);
    expect((await scene.github.state()).caches.filter(({ ref }) => ref !== "refs/heads/main")).toEqual([]);
  });

  test("by hand, without a release, it builds, and no tag moves", async () => {
    await scene.repo.commit({ "api/app.txt": "api 2\n" });
    await scene.push();
    const before = await visible();
    const run = await scene.run({ event: "workflow_dispatch", inputs: { release: "false" } });
    expect(run.results(), run.text).toEqual({ plan: "success", "build api": "success", slipway: "success" });
    expect(await visible()).toEqual(before);
  });

  test("what was built by hand is released by the next push without a build", async () => {
    const run = await scene.pushTrunk({ "README.md": "# Shop\n" });
    expectAll(run, {});
  });

  test("one failing service leaves the others to be built, stops the release, and fails the last job", async () => {
    const before = await visible();
    const run = await scene.pushTrunk({
      "api/Dockerfile": "FROM busybox\n\nRUN cat /what/is/not/there\n",
      "worker/app.txt": "worker 2\n",
    });
    expect(run.results(), run.text).toEqual({
      plan: "success",
      "build api": "failure",
      "build worker": "success",
      slipway: "failure",
    });
    expect(run.exitCode).toBe(1);
    expect(await visible()).toEqual(before);
    const failed = run.jobs.find(({ matrix }) => matrix["service"] === "api");
    expect(failed?.annotations).toContainEqual(
      expect.objectContaining({ level: "error", at: expect.objectContaining({ file: "api/Dockerfile", line: "3" }) }),
    );
  });

  test("when it is mended, what was built beside it is not built again", async () => {
    const run = await scene.pushTrunk({ "api/Dockerfile": "FROM busybox\nCOPY api/app.txt /app.txt\n" });
    expectAll(run, { "build api": "success" });
  });

  test("a service that is renamed is built under its new name; the old one's tags stay", async () => {
    const old = await scene.repo.digest("worker", "main");
    const config = shopConfig.replace("worker: { context", "clerk: { context").replace("worker/Docker", "clerk/Docker");
    const run = await scene.pushTrunk({
      "slipway.yaml": `images: "${scene.repo.prefix}/{service}"\n${config}`,
      "worker/Dockerfile": null,
      "worker/app.txt": null,
      "clerk/Dockerfile": "FROM busybox\nCOPY clerk/app.txt /app.txt\n",
      "clerk/app.txt": "clerk 1\n",
    });
    expectAll(run, { "build clerk": "success" });
    expect(Object.keys(JSON.parse(run.job("release").outputs["digests"] ?? "{}") as object)).toEqual([
      "api",
      "clerk",
      "gateway",
      "web",
    ]);
    expect(await scene.repo.digest("worker", "main")).toBe(old);
  });

  test("the action runs on Node 24", async () => {
    const folder = await mkdtemp(join(tmpdir(), "slipway-node-"));
    const [noted, preload] = [join(folder, "versions"), join(folder, "note.cjs")];
    await writeFile(
      preload,
      `require("node:fs").appendFileSync(${JSON.stringify(noted)}, process.version + " " + process.argv[1] + "\\n")`,
    );
    await scene.run(trunk, { env: { NODE_OPTIONS: `--require=${preload}` } });
    const lines = (await readFile(noted, "utf8")).trim().split("\n");
    await rm(folder, { recursive: true });
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => !/^v24\..*\/dist\/action\//.test(line))).toEqual([]);
  });
});
