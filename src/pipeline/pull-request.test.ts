import { describe, expect, test } from "vitest";
import { readRunEvent } from "./run-event.ts";
import { makeWorld } from "./testing/world.ts";

const pullRequest = { GITHUB_EVENT_NAME: "pull_request", GITHUB_REF: "refs/pull/7/merge" };

describe("a pull request", () => {
  test("builds what changed and writes nothing where a release reads", async () => {
    const world = await makeWorld();
    await world.release({ version: "1.0.0" });
    await world.repository.commit({ "base/lib.txt": "lib 2" });
    const before = world.memory.snapshot();
    world.env = { ...pullRequest, ACTIONS_RESULTS_URL: "https://results.test/", ACTIONS_RUNTIME_TOKEN: "token" };
    world.forget();
    const result = await world.build();
    expect(result.services.map(({ service, outcome }) => `${service} ${outcome}`)).toEqual([
      "base built",
      "api built",
      "web reused",
    ]);
    for (const [name, { tags }] of Object.entries(world.memory.snapshot())) {
      const added = Object.keys(tags).filter((tag) => before[name]?.tags[tag] !== tags[tag]);
      expect(added.filter((tag) => !tag.startsWith("build-"))).toEqual([]);
    }
    expect(world.engine.solves.flatMap(({ args }) => args)).not.toContain("--cache-to");
  });

  test("reuses what trunk published", async () => {
    const world = await makeWorld();
    await world.build();
    world.forget();
    world.env = pullRequest;
    await world.build();
    expect(world.builds()).toEqual([]);
  });

  test("releases nothing and rolls nothing back", async () => {
    const world = await makeWorld();
    await world.release({ version: "1.0.0" });
    const before = world.memory.snapshot();
    world.env = pullRequest;
    await expect(world.release({ version: "1.0.1" })).rejects.toMatchObject({ code: "refused" });
    await expect(world.rollback("1.0.0")).rejects.toMatchObject({ code: "refused" });
    expect(world.memory.snapshot()).toEqual(before);
  });

  test("may see what a release would do", async () => {
    const world = await makeWorld();
    world.env = pullRequest;
    expect((await world.release({ version: "1.0.0", dryRun: true })).state).toBe("dry-run");
  });
});

test.each([
  ["pull-request", { GITHUB_EVENT_NAME: "pull_request" }],
  ["pull-request", { GITHUB_EVENT_NAME: "pull_request_target" }],
  ["pull-request", { GITHUB_EVENT_NAME: "pull_request_review" }],
  ["pull-request", { GITHUB_EVENT_NAME: "merge_group" }],
  ["pull-request", { GITHUB_EVENT_NAME: "workflow_dispatch", GITHUB_REF: "refs/pull/7/merge" }],
  ["trunk", { GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/heads/main", GITHUB_REF_TYPE: "branch" }],
  ["tag", { GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/tags/v1.0.0", GITHUB_REF_TYPE: "tag" }],
  ["local", {}],
])("a run is told by what GitHub says of it: %s of %o", (event, env) => {
  expect(readRunEvent(env)).toBe(event);
});
