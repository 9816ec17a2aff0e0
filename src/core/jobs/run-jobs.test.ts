import { describe, expect, test } from "vitest";
import { SlipwayError } from "../../errors.ts";
import { buildPart } from "./build-part.ts";
import { openWorkspace } from "../workspace/workspace.ts";
import { entryOf, makeJobs } from "../testing/jobs.ts";
import type { Part, RunPlan } from "../planning/parts.ts";
import { pullRequestOf } from "../testing/pull-request.ts";
import { makeShop, settings } from "../testing/shop.ts";

const version = (text: string) => ({ asked: { version: text } });

function matrices({ matrices: all }: RunPlan): string[] {
  return all.map((matrix) => matrix.map(({ service, platform }) => `${service} ${platform}`).join(", "));
}

function outcomes(parts: readonly Part[]): string[] {
  return parts.map(({ service, outcome }) => `${service} ${outcome}`);
}

/** Makes every build fail the test, for a job that has no Docker. */
function withoutDocker(world: Awaited<ReturnType<typeof makeShop>>): void {
  world.docker.plan = () => {
    throw new Error("this job has no Docker");
  };
}

describe("the jobs of a run", () => {
  test("plan, build each part, and release exactly these, without Docker", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan(version("1.0.0"));
    expect(matrices(runPlan)).toEqual(["base linux/amd64, web linux/amd64", "api linux/amd64"]);
    const parts = await jobs.buildAll(runPlan);
    expect(outcomes(parts)).toEqual(["base built", "web built", "api built"]);
    const built = world.builds().length;
    withoutDocker(world);
    const result = await jobs.release(runPlan, parts);
    expect(result.state).toBe("released");
    expect(world.builds()).toHaveLength(built);
    for (const part of parts) {
      const [service] = result.releases.flatMap(({ manifest }) =>
        manifest.services.filter((each) => each.service === part.service),
      );
      expect(service).toMatchObject({
        origin: "built",
        platforms: [{ digest: part.digest }],
        buildSeconds: part.seconds,
        // api waited for base in the plan: its own job decided it, and says why.
        work: { reason: { kind: "no-image" }, builderSeconds: expect.any(Number), savedSeconds: null },
      });
    }
    expect(world.tags("shop/api")["1.0.0"]).toBe(world.digest(result, "api"));
  });

  test("release the same as one command does: the next plan reuses all of it", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    const first = await jobs.plan(version("1.0.0"));
    const one = await jobs.release(first, await jobs.buildAll(first));
    world.forget();
    const second = await jobs.plan(version("1.0.1"));
    expect(matrices(second)).toEqual(["", ""]);
    const two = await jobs.release(second, []);
    expect(two.state).toBe("released");
    expect(world.builds()).toEqual([]);
    for (const service of ["api", "base", "web"]) expect(world.digest(two, service)).toBe(world.digest(one, service));
    expect(two.releases[0]?.manifest.services.map(({ origin }) => origin)).toEqual(["reused", "reused", "reused"]);
  });

  test("build from the base that was planned with, though its tag has moved since", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    const before = (await world.registry().getManifest(world.image("os"), "1"))?.digest;
    const runPlan = await jobs.plan(version("1.0.0"));
    await world.moveBase("os 2");
    const part = await jobs.build(runPlan, entryOf(runPlan, "web linux/amd64"));
    expect(world.docker.builds[0]?.args.join("\n")).toContain(`reg.test/os:1=docker-image://reg.test/os@${before}`);
    expect(part.fingerprint).toBe(
      runPlan.plan.steps.find(({ service }) => service === "web")?.platforms[0]?.fingerprint,
    );
    expect(world.events.filter(({ kind }) => kind === "warning")).toEqual([]);
  });

  test("say so and go on with what is there when the base that was planned with is gone", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    const before = (await world.registry().getManifest(world.image("os"), "1"))?.digest;
    const runPlan = await jobs.plan(version("1.0.0"));
    await world.moveBase("os 2");
    world.memory.deleteManifest("os", before as never);
    const part = await jobs.build(runPlan, entryOf(runPlan, "web linux/amd64"));
    expect(part.outcome).toBe("built");
    const warnings = world.events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
    expect(warnings).toEqual([
      expect.stringContaining(`reg.test/os:1 was ${before} when this run was planned, which is gone`),
      expect.stringMatching(/^web linux\/amd64 has the fingerprint .*: its base images differ; it is built from/),
    ]);
    const web = await jobs.release(runPlan, [part], { only: ["web"] });
    expect(web.state).toBe("failed");
  });

  test("reuse a service that waited, when what it needs came out the same", async () => {
    const world = await makeShop();
    world.docker.plan = ({ service }) => (service === "base" ? { holds: "the same" } : undefined);
    await world.release({ version: "1.0.0" });
    await world.repository.commit({ "base/lib.txt": "lib 2" });
    world.forget();
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan(version("1.1.0"));
    expect(matrices(runPlan)).toEqual(["base linux/amd64", "api linux/amd64"]);
    const parts = await jobs.buildAll(runPlan);
    expect(parts.map(({ service, outcome, kept }) => `${service} ${outcome} ${kept}`)).toEqual([
      "base built true",
      "api reused false",
    ]);
    expect(world.builds()).toEqual(["base linux/amd64"]);
    const result = await jobs.release(runPlan, parts);
    expect(result.services.map(({ service, outcome, kept }) => `${service} ${outcome} ${kept}`)).toEqual([
      "base built true",
      "api reused false",
      "web reused false",
    ]);
  });

  test("build what is forced and what is volatile once, and start what needs it from that", async () => {
    const world = await makeShop({ "base/Dockerfile": "FROM reg.test/os:1\nADD https://example.test/a.tgz /a\n" });
    await world.release({ version: "1.0.0" });
    world.forget();
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan({ ...version("1.0.1"), force: ["web"] });
    expect(matrices(runPlan)).toEqual(["base linux/amd64, web linux/amd64", "api linux/amd64"]);
    const parts = await jobs.buildAll(runPlan);
    expect((await jobs.release(runPlan, parts)).state).toBe("released");
    expect(world.builds().toSorted()).toEqual(
      ["api linux/amd64", "base linux/amd64", "web linux/amd64"].filter((line) =>
        parts.some(({ service, outcome }) => line.startsWith(service) && outcome === "built"),
      ),
    );
    expect(world.builds().filter((line) => line.startsWith("base"))).toHaveLength(1);
  });

  test("put the platforms together that different jobs built", async () => {
    const world = await makeShop({ "slipway.yaml": `platforms: [linux/amd64, linux/arm64]\n${settings}` });
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan(version("1.0.0"));
    const result = await jobs.release(runPlan, await jobs.buildAll(runPlan));
    const web = result.releases[0]?.manifest.services.find(({ service }) => service === "web");
    expect(web?.platforms.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64"]);
    expect(world.tags("shop/web")["1.0.0"]).toBe(web?.digest);
  });
});

describe("what goes wrong in a job", () => {
  test("a service that fails cancels those that start from it, and nothing is released", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    world.docker.plan = ({ service }) =>
      service === "base" ? { fail: ["ERROR: failed to solve: no space"] } : undefined;
    const runPlan = await jobs.plan(version("1.0.0"));
    const parts = await jobs.buildAll(runPlan);
    expect(outcomes(parts)).toEqual(["base failed", "web built", "api cancelled"]);
    expect(parts[2]?.because).toBe("base, which it needs, failed: no space");
    world.env = { GITHUB_RUN_ID: "42" };
    const result = await jobs.release(runPlan, parts);
    expect(result).toMatchObject({
      state: "failed",
      releases: [],
      because: expect.stringContaining("gh run rerun 42 --failed"),
    });
    expect(result.services.map(({ service, outcome }) => `${service} ${outcome}`)).toEqual([
      "base failed",
      "api cancelled",
      "web built",
    ]);
    expect(world.tags("shop/web")["1.0.0"]).toBeUndefined();
  });

  test("a re-run of the failed jobs alone releases, and builds nothing twice", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    world.docker.plan = ({ service }) =>
      service === "base" ? { fail: ["ERROR: failed to solve: no space"] } : undefined;
    const runPlan = await jobs.plan(version("1.0.0"));
    const [base, web, api] = await jobs.buildAll(runPlan);
    if (base === undefined || web === undefined || api === undefined) throw new Error("three parts");
    world.docker.plan = undefined;
    world.forget();
    const again = await jobs.build(runPlan, base);
    const dependant = await jobs.build(runPlan, api, [web, again]);
    expect((await jobs.release(runPlan, [web, again, dependant])).state).toBe("released");
    expect(world.builds()).toEqual(["base linux/amd64", "api linux/amd64"]);
  });

  test("a registry's refusal in a build job is told by the release job as what it was", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    world.docker.plan = ({ service }) =>
      service === "base" ? { fail: ["ERROR: failed to solve: failed to push r.example/b:1: denied"] } : undefined;
    const runPlan = await jobs.plan(version("1.0.0"));
    const parts = await jobs.buildAll(runPlan);
    expect(parts.map(({ service, errorKind }) => `${service} ${errorKind}`)).toEqual([
      "base registry-denied",
      "web null",
      "api null",
    ]);
    const { services } = await jobs.release(runPlan, parts);
    expect(services.find(({ service }) => service === "base")).toMatchObject({
      code: "credentials",
      hint: expect.stringMatching(/^run `docker login r.example`/),
    });
  });

  test("a service whose need is in no part fails and says so", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan(version("1.0.0"));
    const part = await jobs.build(runPlan, entryOf(runPlan, "api linux/amd64"));
    expect(part).toMatchObject({
      outcome: "cancelled",
      because: expect.stringMatching(/^base, which it needs, is not built/),
    });
    expect(world.builds()).toEqual([]);
  });

  test("a part whose artifact expired is found in the registry by its fingerprint", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan({ ...version("1.0.0"), force: ["web"] });
    const parts = await jobs.buildAll(runPlan);
    withoutDocker(world);
    const result = await jobs.release(runPlan, []);
    expect(result.state).toBe("released");
    const web = parts.find(({ service }) => service === "web");
    expect(result.releases[0]?.manifest.services.find(({ service }) => service === "web")?.platforms[0]?.digest).toBe(
      web?.digest,
    );
  });

  test("a forced service without a part is not released from what was there before the run", async () => {
    const world = await makeShop();
    await world.release({ version: "1.0.0" });
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan({ ...version("1.0.1"), force: ["web"] });
    const result = await jobs.release(runPlan, []);
    expect(result.state).toBe("failed");
    expect(result.services.find(({ service }) => service === "web")?.because).toContain(
      "linux/amd64: its job left no part",
    );
  });

  test("a run whose plan expired is planned again, and released when the registry has everything", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    await jobs.buildAll(await jobs.plan(version("1.0.0")));
    withoutDocker(world);
    expect((await jobs.release(undefined, [], { version: "1.0.0" })).state).toBe("released");
  });

  test("a run whose plan expired before all was built says which to re-run", async () => {
    const world = await makeShop();
    const result = await makeJobs(world).release(undefined, [], { version: "1.0.0" });
    expect(result.state).toBe("failed");
    expect(result.because).toMatch(/^the run's plan is gone: re-run all its jobs \(gh run rerun RUN\)/);
  });

  test("a re-run after the release finds it there", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan(version("1.0.0"));
    const parts = await jobs.buildAll(runPlan);
    await jobs.release(runPlan, parts);
    expect((await jobs.release(runPlan, parts)).state).toBe("already");
    const again = await jobs.plan(version("1.0.0"));
    expect(matrices(again)).toEqual(["", ""]);
    expect((await jobs.release(again, [])).state).toBe("already");
  });

  test("a version that exists with other content is refused before anything is built", async () => {
    const world = await makeShop();
    await world.release({ version: "1.0.0" });
    await world.repository.commit({ "web/index.html": "web 2" });
    await expect(makeJobs(world).plan(version("1.0.0"))).rejects.toMatchObject({ code: "refused" });
  });

  test("a plan of another commit is refused", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan();
    await world.repository.commit({ "web/index.html": "web 2" });
    await expect(jobs.release(runPlan, [])).rejects.toMatchObject({ code: "repository" });
  });
});

describe("beside other runs and changes", () => {
  test("two runs of one commit at once build the same images, and release one version once", async () => {
    const world = await makeShop();
    const [one, two] = [makeJobs(world), makeJobs(world)];
    const [first, second] = await Promise.all([one.plan(version("1.0.0")), two.plan(version("1.0.0"))]);
    const [left, right] = await Promise.all([one.buildAll(first), two.buildAll(second)]);
    expect(right.map(({ fingerprint }) => fingerprint)).toEqual(left.map(({ fingerprint }) => fingerprint));
    const results = [await one.release(first, left), await two.release(second, right)];
    expect(results.map(({ state }) => state)).toEqual(["released", "already"]);
    for (const service of ["api", "base", "web"]) {
      expect(world.digest(results[1] ?? failed(), service)).toBe(world.digest(results[0] ?? failed(), service));
    }
  });

  test("an older run that releases late moves no tag of the branch back", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    const old = await jobs.plan({ asked: { branch: "main" } });
    const oldParts = await jobs.buildAll(old);
    const oldCommit = world.repository.git("rev-parse", "HEAD");
    const commit = await world.repository.commit({ "web/index.html": "web 2" });
    const next = await jobs.plan({ asked: { branch: "main" } });
    const newer = await jobs.release(next, await jobs.buildAll(next));
    await world.repository.git("checkout", "--quiet", await oldCommit);
    const late = await jobs.release(old, oldParts);
    expect(late.state).toBe("released");
    expect(world.tags("shop/web")["main"]).toBe(world.digest(newer, "web"));
    expect(commit).not.toBe(await oldCommit);
  });

  test("a service that was renamed is no longer released under its old name, and the notes say so", async () => {
    const world = await makeShop();
    await world.release({ version: "1.0.0" });
    await world.repository.commit({ "slipway.yaml": settings.replace("  web:", "  shopfront:") });
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan(version("2.0.0"));
    const result = await jobs.release(runPlan, await jobs.buildAll(runPlan));
    expect(result.releases[0]?.manifest.services.map(({ service }) => service)).toEqual(["api", "base", "shopfront"]);
    expect(result.notes).toContain("**shopfront** is new; **web** is no longer released");
    expect(world.tags("shop/web")["1.0.0"]).toBeDefined();
  });

  test("without Docker a build job says what is missing, and planning and releasing need none", async () => {
    const world = await makeShop();
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan(version("1.0.0"));
    const host = world.host();
    const bare = {
      ...host,
      run: (program: string, ...rest: [readonly string[]]) =>
        program === "docker"
          ? Promise.reject(
              new SlipwayError("program-unavailable", "running docker: it is not there", {
                data: { program: "docker" },
              }),
            )
          : host.run(program, ...rest),
    };
    const workspace = await openWorkspace(bare, {}, () => undefined);
    const request = {
      ...entryOf(runPlan, "web linux/amd64"),
      runPlan,
      parts: [],
      cache: undefined,
      builder: undefined,
    };
    await expect(buildPart(workspace, request)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("docker is not installed"),
    });
  });
});

function failed(): never {
  throw new Error("there are two results");
}

describe("a pull request's jobs", () => {
  test("each build what their service needs, and push nothing", async () => {
    const world = await makeShop();
    await world.release({ version: "1.0.0" });
    await world.repository.commit({ "base/lib.txt": "lib 2" });
    const before = world.memory.snapshot();
    world.env = await pullRequestOf(world.repository);
    world.forget();
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan({ releases: false });
    expect(runPlan.publishes).toBe(false);
    expect(matrices(runPlan)).toEqual(["base linux/amd64, api linux/amd64", ""]);
    const parts = await jobs.buildAll(runPlan);
    expect(parts.map(({ service, outcome, published }) => `${service} ${outcome} ${published === null}`)).toEqual([
      "base built true",
      "api built true",
    ]);
    expect(world.builds().toSorted()).toEqual(["api linux/amd64", "base linux/amd64", "base linux/amd64"]);
    expect(world.memory.snapshot()).toEqual(before);
  });

  test("are never released", async () => {
    const world = await makeShop();
    world.env = await pullRequestOf(world.repository);
    await expect(makeJobs(world).plan()).rejects.toMatchObject({ code: "refused" });
  });
});
