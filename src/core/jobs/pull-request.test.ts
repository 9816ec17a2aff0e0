import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { pullRequestOf } from "../testing/pull-request.ts";
import { makeShop } from "../testing/shop.ts";

describe("a pull request", () => {
  test("builds what changed, what starts from it too, and pushes nothing", async () => {
    const world = await makeShop();
    await world.release({ version: "1.0.0" });
    await world.repository.commit({ "base/lib.txt": "lib 2" });
    const before = world.memory.snapshot();
    world.env = {
      ...(await pullRequestOf(world.repository)),
      ACTIONS_RESULTS_URL: "https://results.test/",
      ACTIONS_RUNTIME_TOKEN: "token",
    };
    world.forget();
    const result = await world.build();
    expect(result.services.map(({ service, outcome }) => `${service} ${outcome}`)).toEqual([
      "base built",
      "api built",
      "web reused",
    ]);
    expect(world.memory.snapshot()).toEqual(before);
    expect(result.services.map(({ image }) => image === null)).toEqual([true, true, false]);
    const [base, api] = world.docker.builds.map(({ args }) => args[args.indexOf("--output") + 1]);
    expect(base).toMatch(/^type=oci,dest=.*\/base-linux-amd64,tar=false$/);
    expect(api).toBe("type=cacheonly");
    expect(world.docker.builds.flatMap(({ args }) => args)).not.toContain("--cache-to");
  });

  test("hands a service the image it starts from on disk, by digest, and leaves nothing there", async () => {
    const world = await makeShop();
    world.env = await pullRequestOf(world.repository);
    const contexts: string[] = [];
    world.docker.plan = ({ service, args }) => {
      if (service === "api") contexts.push(args[args.indexOf("--build-context") + 1] ?? "");
      return undefined;
    };
    await world.build({ services: ["api"] });
    const [, folder = "", digest = ""] =
      /^base=oci-layout:\/\/(.+)@(sha256:[0-9a-f]{64})$/.exec(contexts[0] ?? "") ?? [];
    expect(digest).not.toBe("");
    expect(existsSync(folder)).toBe(false);
  });

  test("that changes nothing of what a service holds does not build those that start from it", async () => {
    const world = await makeShop();
    world.docker.plan = ({ service }) => (service === "base" ? { holds: "the same" } : undefined);
    await world.release({ version: "1.0.0" });
    await world.repository.commit({ "base/lib.txt": "lib 2" });
    world.forget();
    world.env = await pullRequestOf(world.repository);
    const { services } = await world.build();
    expect(services.map(({ service, outcome, kept }) => `${service} ${outcome} ${kept}`)).toEqual([
      "base built true",
      "api reused false",
      "web reused false",
    ]);
    expect(world.builds()).toEqual(["base linux/amd64"]);
  });

  test("that fails in what others start from cancels those", async () => {
    const world = await makeShop();
    world.env = await pullRequestOf(world.repository);
    world.docker.plan = ({ service }) => (service === "base" ? { fail: ["ERROR: failed to solve: no"] } : undefined);
    const { services } = await world.build({ services: ["api"] });
    expect(services.map(({ service, outcome }) => `${service} ${outcome}`)).toEqual(["base failed", "api cancelled"]);
  });

  test("reuses what trunk published", async () => {
    const world = await makeShop();
    await world.build();
    world.forget();
    world.env = await pullRequestOf(world.repository);
    await world.build();
    expect(world.builds()).toEqual([]);
  });

  test("releases nothing and rolls nothing back", async () => {
    const world = await makeShop();
    await world.release({ version: "1.0.0" });
    const before = world.memory.snapshot();
    world.env = await pullRequestOf(world.repository);
    await expect(world.release({ version: "1.0.1" })).rejects.toMatchObject({ code: "refused" });
    await expect(world.rollback("1.0.0")).rejects.toMatchObject({ code: "refused" });
    expect(world.memory.snapshot()).toEqual(before);
  });

  test("may see what a release would do", async () => {
    const world = await makeShop();
    world.env = await pullRequestOf(world.repository);
    expect((await world.release({ version: "1.0.0", dryRun: true })).state).toBe("dry-run");
  });
});
