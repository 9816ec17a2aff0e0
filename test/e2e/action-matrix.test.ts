import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Permissions } from "../../sandbox/github/index.ts";
import { type ActionRig, makeActionRig, type StepOptions, type StepResult } from "./action-rig.ts";
import { hasEngine } from "./rig.ts";

/** web starts from gateway's image. */
const files = {
  "api/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\n",
  "api/app.txt": "api 1\n",
  "gateway/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\n",
  "gateway/app.txt": "gateway 1\n",
  "web/Dockerfile": "FROM gateway\nCOPY app.txt /site.txt\n",
  "web/app.txt": "web 1\n",
};
const config = `
services:
  api: { context: api }
  gateway: { context: gateway }
  web: { context: web, contexts: { gateway: { service: gateway } } }
`;
const reads = { contents: "read", packages: "read" } as const;
const builds = { contents: "read", packages: "write" } as const;
const releases = { contents: "write", packages: "write" } as const;
/** Jobs that plan and release have none. */
const withoutDocker = { DOCKER_HOST: "tcp://127.0.0.1:9" };

interface Entry {
  readonly service: string;
  readonly platform: string;
  readonly runner: string;
}

/** The jobs of one run, one after another, as a generated workflow has them. */
function makeRun(rig: ActionRig, runId: string, shared: StepOptions["job"] = {}) {
  const step = (
    inputs: Readonly<Record<string, string>>,
    permissions: Permissions,
    env: Readonly<Record<string, string>> = {},
    attempt = 1,
  ): Promise<StepResult> => rig.step(inputs, { job: { ...shared, runId, runAttempt: attempt, permissions }, env });
  const planned = { "plan-digest": "" };
  return {
    plan: async (inputs: Readonly<Record<string, string>> = {}) => {
      const result = await step({ command: "plan", "matrix-jobs": "1 1", ...inputs }, reads, withoutDocker);
      planned["plan-digest"] = result.outputs["plan-digest"] ?? "";
      return result;
    },
    build: ({ service, platform }: Entry, attempt = 1) =>
      step({ command: "build", jobs: "matrix", services: service, platform, ...planned }, builds, {}, attempt),
    release: (inputs: Readonly<Record<string, string>> = {}, attempt = 1) =>
      step({ command: "release", jobs: "matrix", ...planned, ...inputs }, releases, withoutDocker, attempt),
  };
}

function matrix({ outputs }: StepResult, name = "matrix"): Entry[] {
  return JSON.parse(outputs[name] ?? "null") as Entry[];
}

describe.skipIf(!hasEngine)("a run with a job for each service", () => {
  let rig: ActionRig;
  beforeAll(async () => {
    rig = await makeActionRig(files, { config });
  });
  afterAll(() => rig.close());

  test("plans in one, builds in others, those that wait in a second round, and releases in the last", async () => {
    const run = makeRun(rig, "71");
    const planned = await run.plan();
    expect(planned.exitCode, planned.log).toBe(0);
    const entry = (service: string) => ({ service, platform: "linux/amd64", runner: "ubuntu-24.04" });
    expect(matrix(planned)).toEqual([entry("api"), entry("gateway")]);
    expect(matrix(planned, "matrix-2")).toEqual([entry("web")]);
    expect(planned.outputs["release"]).toBe("true");
    expect(planned.summary).toContain("Branch main is to be released: a branch was pushed.");
    for (const each of [...matrix(planned), ...matrix(planned, "matrix-2")]) {
      const built = await run.build(each);
      expect(built.exitCode, built.log).toBe(0);
      expect(built.summary).toContain(
        `## Slipway: ${each.service} linux/amd64\n\n${each.service} for linux/amd64 is built.`,
      );
      expect(built.left).toEqual([]);
    }
    expect(await rig.repo.visibleTags("web")).toEqual([]);
    const released = await run.release();
    expect(released.exitCode, released.log).toBe(0);
    const digests = JSON.parse(released.outputs["digests"] ?? "") as Record<string, string>;
    expect(Object.keys(digests)).toEqual(["api", "gateway", "web"]);
    for (const [service, digest] of Object.entries(digests))
      expect(await rig.repo.digest(service, "main")).toBe(digest);
    expect(released.summary).toContain("Branch main is released: a branch was pushed.");
    expect(released.log).not.toContain("plan-digest");
    const before = await rig.repo.listing();
    const refused = await run.release({ "plan-digest": `sha256:${"0".repeat(64)}` });
    expect(refused.exitCode, refused.log).toBe(3);
    expect(refused.log).toContain("another job of this run replaced the plan");
    expect(await rig.repo.listing()).toEqual(before);
  });

  test("has empty matrices when nothing changed, and is released all the same", async () => {
    const run = makeRun(rig, "72");
    const planned = await run.plan();
    expect([planned.outputs["matrix"], planned.outputs["matrix-2"]], planned.log).toEqual(["[]", "[]"]);
    const released = await run.release();
    expect(released.exitCode, released.log).toBe(0);
    expect(released.summary).toContain("was released before; its tags are in place");
  });

  test("builds one service on its own, and a re-run of the job that failed goes on from there", async () => {
    await rig.repo.commit({ "api/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\nRUN test -e /there\n" });
    const run = makeRun(rig, "73");
    const planned = await run.plan();
    const [api] = matrix(planned);
    if (api === undefined) throw new Error(planned.log);
    const failed = await run.build(api);
    expect(failed.exitCode).toBe(1);
    expect(failed.log).toContain("::error file=api/Dockerfile,line=3,title=api failed::");
    expect(failed.summary).toContain("api for linux/amd64 was failed");
    const refused = await run.release();
    expect(refused.exitCode).toBe(1);
    const again = await run.build(api, 2);
    expect(again.exitCode).toBe(1);
    const names = (await rig.github.state()).artifacts.filter(({ run: id }) => id === "73").map(({ name }) => name);
    expect(names).toEqual(["slipway-plan-1", "slipway-build-api-linux-amd64-1", "slipway-build-api-linux-amd64-2"]);
  });

  test("takes a version's tag from plan to release", async () => {
    await rig.repo.commit({ "api/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\n" });
    await rig.repo.git("tag", "v2.0.0");
    const run = makeRun(rig, "74", { ref: "refs/tags/v2.0.0" });
    const planned = await run.plan();
    expect(planned.outputs, planned.log).toMatchObject({ version: "2.0.0", release: "true", matrix: "[]" });
    const released = await run.release();
    expect(released.exitCode, released.log).toBe(0);
    expect(released.outputs["version"]).toBe("2.0.0");
    expect((await rig.github.state()).releases).toMatchObject([{ tag_name: "v2.0.0", draft: false }]);
  });

  test("whose artifacts are gone is released from the registry; a build says to re-run all jobs", async () => {
    await rig.repo.git("tag", "v2.0.1");
    const run = makeRun(rig, "75", { ref: "refs/tags/v2.0.1" });
    const released = await run.release();
    expect(released.exitCode, released.log).toBe(0);
    expect(released.log).toContain("::warning::the run's plan is missing");
    const built = await run.build({ service: "api", platform: "linux/amd64", runner: "" });
    expect(built.exitCode).toBe(5);
    expect(built.log).toContain("re-run all jobs, not only those that failed");
  });

  test("is not released when it is a pull request's", async () => {
    await rig.repo.git("checkout", "--quiet", "-b", "change");
    await rig.repo.commit({ "gateway/app.txt": "gateway 2\n" });
    await rig.repo.git("update-ref", "refs/pull/5/merge", "HEAD");
    await rig.repo.git("checkout", "--quiet", "main");
    const before = await rig.repo.listing();
    const run = makeRun(rig, "76", { event: "pull_request", ref: "refs/pull/5/merge", isFork: true });
    const planned = await run.plan();
    expect(planned.exitCode, planned.log).toBe(0);
    expect(planned.outputs["release"]).toBe("false");
    const entries = [...matrix(planned), ...matrix(planned, "matrix-2")];
    expect(entries.map(({ service }) => service)).toEqual(["gateway", "web"]);
    for (const each of entries) {
      const built = await run.build(each);
      expect(built.exitCode, built.log).toBe(0);
    }
    expect(await rig.repo.listing()).toEqual(before);
  });
});
