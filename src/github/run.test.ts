import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { Host } from "../host.ts";
import { isOfFork, kindOfRun, tokenFor, tokenValues } from "../model/ci-run.ts";
import { makeRun, readRun, withJobToken } from "./run.ts";

const own = "a".repeat(40);
const ciOf = (env: Host["env"], payload?: unknown) => makeRun(env, payload).ci;

function eventFile(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "slipway-event-")), "event.json");
  writeFileSync(path, text);
  return path;
}

describe("a run", () => {
  test("is read whole from the variables of a job and the payload of its event", async () => {
    const path = eventFile(
      JSON.stringify({
        action: "synchronize",
        number: 5,
        pull_request: { number: 5, head: { repo: { full_name: "ACME/shop" } }, base: { sha: own } },
        repository: { full_name: "acme/shop" },
      }),
    );
    const { ci, warnings } = await readRun({
      GITHUB_ACTIONS: "true",
      GITHUB_EVENT_NAME: "pull_request",
      GITHUB_EVENT_PATH: path,
      GITHUB_REF: "refs/pull/5/merge",
      GITHUB_SHA: "b".repeat(40),
      GITHUB_BASE_REF: "main",
      GITHUB_ACTOR: "ada",
      GITHUB_RUN_ID: "42",
      GITHUB_RUN_ATTEMPT: "2",
      GITHUB_REPOSITORY: "acme/shop",
      GITHUB_SERVER_URL: "https://github.com/",
      GITHUB_API_URL: "https://api.github.com",
      GITHUB_WORKSPACE: "/work",
      GITHUB_OUTPUT: "/out",
      GITHUB_STEP_SUMMARY: "",
      RUNNER_TEMP: "/temp",
      ACTIONS_RESULTS_URL: "https://results.test/path",
      ACTIONS_CACHE_MODE: "read",
    });
    expect(ci).toEqual({
      event: "pull_request",
      action: "synchronize",
      ref: "refs/pull/5/merge",
      branch: undefined,
      tag: undefined,
      commit: "b".repeat(40),
      pullRequest: { number: 5, from: { kind: "own" }, isClosed: false, head: undefined },
      base: "main",
      trunk: own,
      defaultBranch: undefined,
      isProtected: false,
      actor: "ada",
      id: "42",
      attempt: 2,
      isJob: true,
      repository: { owner: "acme", name: "shop" },
      isPrivate: false,
      visibility: "unknown",
      repositoryId: undefined,
      ownerId: undefined,
      workflow: undefined,
      runner: undefined,
      server: { url: "https://github.com", apiUrl: "https://api.github.com" },
      gitHubHosts: ["github.com"],
      registry: "ghcr.io",
      workspace: "/work",
      files: { output: "/out", summary: undefined, temporary: "/temp" },
      results: "https://results.test",
      cacheMode: "read",
    });
    expect(warnings).toEqual([]);
  });

  test.each([
    ["pull-request", { GITHUB_EVENT_NAME: "pull_request" }],
    ["pull-request", { GITHUB_EVENT_NAME: "pull_request_target" }],
    ["pull-request", { GITHUB_EVENT_NAME: "pull_request_review" }],
    ["pull-request", { GITHUB_EVENT_NAME: "merge_group" }],
    ["pull-request", { GITHUB_EVENT_NAME: "workflow_dispatch", GITHUB_REF: "refs/pull/7/merge" }],
    ["trunk", { GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/heads/main", GITHUB_REF_TYPE: "branch" }],
    ["tag", { GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/tags/v1.0.0", GITHUB_REF_TYPE: "tag" }],
    ["tag", { GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/tags/v1.0.0" }],
    ["local", { GITHUB_EVENT_NAME: "" }],
    ["local", {}],
  ])("is of the kind %s by %o", (kind, env) => expect(kindOfRun(ciOf(env))).toBe(kind));

  test.each([
    ["a branch", { GITHUB_REF: "refs/heads/feature/a" }, { branch: "feature/a" }],
    ["a tag", { GITHUB_REF: "refs/tags/web/v1" }, { tag: "web/v1" }],
    ["a tag, told in halves", { GITHUB_REF_TYPE: "tag", GITHUB_REF_NAME: "v1" }, { tag: "v1" }],
    ["a pull request", { GITHUB_REF: "refs/pull/5/merge", GITHUB_REF_TYPE: "branch", GITHUB_REF_NAME: "5/merge" }, {}],
    ["a ref that is none", { GITHUB_REF: "main" }, {}],
    ["a branch without a name", { GITHUB_REF: "refs/heads/" }, {}],
  ])("for %s says which", (_, env, { branch, tag }: { branch?: string; tag?: string }) => {
    expect(ciOf(env)).toMatchObject({ branch, tag });
  });

  test.each([
    ["the repository itself, in other letters", { full_name: "Acme/Shop" }, { kind: "own" }],
    ["a fork", { full_name: "eve/shop" }, { kind: "fork", repository: "eve/shop" }],
    ["a fork that is gone", null, { kind: "gone" }],
  ])("for a pull request from %s", (_, repo, from) => {
    const env = { GITHUB_EVENT_NAME: "pull_request", GITHUB_REPOSITORY: "acme/shop" };
    const ci = ciOf(env, { pull_request: { number: 7, head: { repo } } });
    expect(ci.pullRequest?.from).toEqual(from);
    expect(isOfFork(ci)).toBe(from.kind !== "own");
    expect(isOfFork({ ...ci, event: "pull_request_target" })).toBe(false);
  });

  test("takes no trunk from an event that is not GitHub's", () => {
    const trunks = [undefined, "x", { pull_request: { base: { sha: "--upload-pack" } } }].map(
      (payload) => ciOf({ GITHUB_EVENT_NAME: "pull_request" }, payload).trunk,
    );
    expect(trunks).toEqual([undefined, undefined, undefined]);
  });

  test.each([
    ["GITHUB_RUN_ATTEMPT", "second", { attempt: 1 }],
    ["ACTIONS_RESULTS_URL", "results", { results: undefined }],
    ["GITHUB_REPOSITORY", "shop", { repository: undefined }],
    ["GITHUB_REPOSITORY", "acme/shop/../x", { repository: undefined }],
  ])("with the %s %o does without it", (name, value, expected) =>
    expect(ciOf({ [name]: value })).toMatchObject(expected),
  );

  test("warns of values that it cannot read, and of an event file that it cannot", async () => {
    const path = eventFile("{");
    const env = { GITHUB_EVENT_NAME: "push", GITHUB_RUN_ATTEMPT: "second", ACTIONS_RESULTS_URL: "results" };
    const { ci, warnings } = await readRun({ ...env, GITHUB_EVENT_PATH: path });
    expect(ci.event).toBe("push");
    expect(warnings).toEqual([
      'GITHUB_RUN_ATTEMPT, "second", is no number: the run counts as its first attempt',
      `ACTIONS_RESULTS_URL, "results", is no address: GitHub's artifacts and caches are not used`,
      expect.stringContaining(`reading the event of the run (GITHUB_EVENT_PATH, "${path}"): `) as string,
    ]);
    const { warnings: missing } = await readRun({ GITHUB_EVENT_NAME: "push", GITHUB_EVENT_PATH: `${path}.gone` });
    expect(missing).toEqual([expect.stringContaining("ENOENT") as string]);
  });

  test.each([
    [{ GITHUB_SERVER_URL: "github.com" }, 'GITHUB_SERVER_URL, "github.com", is no address'],
    [{ GITHUB_SERVER_URL: "https://" }, 'GITHUB_SERVER_URL, "https://", is no address'],
    [{ GITHUB_SERVER_URL: "https://ghe.test", GITHUB_API_URL: "/api" }, 'GITHUB_API_URL, "/api", is no address'],
    [{ GH_HOST: "a b" }, 'GH_HOST, "a b", is no address'],
  ])("of a server that cannot be reached is refused: %o", async (env: Host["env"], message) => {
    await expect(readRun(env)).rejects.toMatchObject({ code: "usage", message: expect.stringContaining(message) });
  });
});

describe("tokens", () => {
  test.each([
    [{ GH_TOKEN: "a", GITHUB_TOKEN: "b" }, "github.com", "a"],
    [{ GH_TOKEN: "", GITHUB_TOKEN: "b" }, "acme.ghe.com", "b"],
    [{ GH_ENTERPRISE_TOKEN: "c", GITHUB_ENTERPRISE_TOKEN: "d", GH_TOKEN: "a" }, "ghe.test", "c"],
    [{ GITHUB_ENTERPRISE_TOKEN: "d", GH_TOKEN: "a" }, "ghe.test", "d"],
    [{ GITHUB_TOKEN: "b" }, "ghe.test", "b"],
    [{ GH_ENTERPRISE_TOKEN: "c" }, "github.com", undefined],
  ])("%o: for %s it is %s", (env: Host["env"], host, token) => {
    expect(tokenFor(makeRun(env, undefined).tokens, host)?.reveal()).toBe(token);
  });

  test("of a job's input win over those of the environment", () => {
    const { tokens } = makeRun({ GH_TOKEN: "a", GITHUB_TOKEN: "b" }, undefined);
    const given = withJobToken(tokens, "input");
    expect(tokenFor(given.tokens, "github.com")?.reveal()).toBe("input");
    expect(given.tokens.job?.reveal()).toBe("input");
  });

  test("are in no text of the run, and all of them are known to whoever keeps them out of a log", () => {
    const env = {
      GH_TOKEN: "tok-a",
      GITHUB_TOKEN: "tok-b",
      GH_ENTERPRISE_TOKEN: "tok-c",
      GITHUB_ENTERPRISE_TOKEN: "tok-e",
      ACTIONS_RUNTIME_TOKEN: "tok-d",
    };
    const run = makeRun(env, undefined);
    expect(`${JSON.stringify(run)}${inspect(run, { depth: 9 })}`).not.toContain("tok-");
    expect(tokenValues(run.tokens).sort()).toEqual(["tok-a", "tok-b", "tok-c", "tok-d", "tok-e"]);
  });
});
