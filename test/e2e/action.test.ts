import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ActionRig, makeActionRig } from "./action-rig.ts";
import { hasEngine } from "./rig.ts";

const files = {
  "api/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\nRUN cat /app.txt\n",
  "api/app.txt": "api 1\n",
  "web/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\n",
  "web/app.txt": "web 1\n",
};
const permissions = { contents: "write", packages: "write" } as const;

describe.skipIf(!hasEngine)("one job that plans, builds and releases", () => {
  let rig: ActionRig;
  beforeAll(async () => {
    rig = await makeActionRig(files);
  });
  afterAll(() => rig.close());

  test("releases a push to trunk as the branch, from an empty workspace, and leaves nothing behind", async () => {
    const { exitCode, log, outputs, summary, left } = await rig.step({ command: "release" }, { job: { permissions } });
    expect(exitCode, log).toBe(0);
    const digest = await rig.repo.digest("api", "main");
    expect(JSON.parse(outputs["digests"] ?? "")).toEqual({ api: digest, web: await rig.repo.digest("web", "main") });
    expect(JSON.parse(outputs["images"] ?? "")).toMatchObject({ api: `${rig.repo.prefix}/api@${digest}` });
    expect(outputs["version"]).toBe("");
    expect(log).toContain("::group::log of api\n");
    expect(summary).toMatch(/^## Slipway: release\n\nBranch main is released: a branch was pushed\.\n/);
    expect(summary).toContain("| **api** | build | no image of these inputs has been published yet |");
    expect(left).toEqual([]);
  });

  test("releases a version's tag as that version, and builds nothing again", async () => {
    await rig.repo.git("tag", "v1.2.0");
    const job = { ref: "refs/tags/v1.2.0", permissions };
    const { exitCode, log, outputs, summary } = await rig.step({ command: "release" }, { job });
    expect(exitCode, log).toBe(0);
    expect(outputs["version"]).toBe("1.2.0");
    expect((await rig.github.state()).releases).toMatchObject([{ tag_name: "v1.2.0", draft: false }]);
    expect(summary).toMatch(/\[The GitHub release\]\(http\S+\/v1\.2\.0\)/);
    expect(await rig.repo.digest("api", "latest")).toBe(await rig.repo.digest("api", "main"));
    expect(summary).toContain("2 services: 0 to build, 2 to reuse");
  });

  test("of a shadow run moves no tag, and compares with what the tags name", async () => {
    const before = await rig.repo.listing();
    const { exitCode, log, summary, outputs } = await rig.step(
      { command: "release", shadow: "true" },
      { job: { permissions } },
    );
    expect(exitCode, log).toBe(0);
    expect(outputs).toEqual({});
    expect(summary).toContain("Built, and not released: shadow: no tag moves.");
    expect(summary).toContain("2 of 2 images would have been reused; 2 of 2 hold the same content.");
    expect(await rig.repo.listing()).toEqual(before);
  });

  test("needs no Docker when nothing is to be built", async () => {
    const job = { ref: "refs/tags/v1.2.0", permissions };
    const { exitCode, log } = await rig.step(
      { command: "release" },
      { job, env: { DOCKER_HOST: "tcp://127.0.0.1:9" } },
    );
    expect(exitCode, log).toBe(0);
  });

  test("only builds when a person starts it without asking for a release", async () => {
    const before = await rig.repo.visibleTags("api");
    await rig.repo.commit({ "api/app.txt": "api 2\n" });
    const job = { event: "workflow_dispatch", permissions };
    const { exitCode, log, outputs, summary } = await rig.step({ command: "release", release: "false" }, { job });
    expect(exitCode, log).toBe(0);
    expect(outputs).toEqual({});
    expect(summary).toContain('Built, and not released: the input "release" is false.');
    expect(await rig.repo.visibleTags("api")).toEqual(before);
  });

  test("tells an instruction that fails at its line of the Dockerfile, releases nothing, and exits 1", async () => {
    await rig.repo.commit({ "web/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\nRUN echo so it goes && exit 3\n" });
    const before = await rig.repo.listing();
    const { exitCode, log, summary } = await rig.step({ command: "release" }, { job: { permissions } });
    expect(exitCode).toBe(1);
    expect(log).toContain("::error file=web/Dockerfile,line=3,title=web failed::");
    expect(summary).toContain("Branch main is not released, since a service failed; no tag moved.");
    expect(summary).toContain("so it goes");
    expect((await rig.repo.listing())[`${rig.repo.image("web")}:main`]).toBe(before[`${rig.repo.image("web")}:main`]);
  });
});

describe.skipIf(!hasEngine)("a pull request", () => {
  let rig: ActionRig;
  beforeAll(async () => {
    rig = await makeActionRig(files);
    await rig.repo.git("checkout", "--quiet", "-b", "change");
    await rig.repo.commit({ "api/app.txt": "of a fork\n" });
    await rig.repo.git("update-ref", "refs/pull/5/merge", "HEAD");
    await rig.repo.git("checkout", "--quiet", "main");
  });
  afterAll(() => rig.close());

  test("from a fork builds what changed with a token that only reads, without secrets, and publishes nothing", async () => {
    const job = { event: "pull_request", ref: "refs/pull/5/merge", isFork: true, permissions };
    const event = { pull_request: { number: 5, head: { repo: { full_name: "eve/shop" } } } };
    const inputs = { command: "release", registries: "docker.io  " };
    const { exitCode, log, outputs, summary, left } = await rig.step(inputs, { job, event });
    expect(exitCode, log).toBe(0);
    expect(summary).toContain("Built, and not released: a pull request is never released.");
    expect(log).toContain("::warning::no login for docker.io");
    expect(outputs).toEqual({});
    expect(await rig.repo.listing()).toEqual({});
    expect(left).toEqual([]);
  });
});

describe.skipIf(!hasEngine)("a run that is cancelled", () => {
  let rig: ActionRig;
  beforeAll(async () => {
    rig = await makeActionRig({ "api/Dockerfile": "FROM busybox\nRUN echo begun && sleep 60\n" });
  });
  afterAll(() => rig.close());

  test("while it builds stops the build, moves no tag, and leaves nothing behind", async () => {
    const started = Date.now();
    const onLog = (log: string, cancel: () => void): void => void (log.includes("api  building") && cancel());
    const { exitCode, log, left } = await rig.step({ command: "release" }, { job: { permissions }, onLog });
    expect(exitCode).toBe(130);
    expect(log).toContain("::error title=Slipway::interrupted; no visible tag moved");
    expect(Date.now() - started).toBeLessThan(40_000);
    expect(await rig.repo.visibleTags("api")).toEqual([]);
    expect(left).toEqual([]);
  });
});
