import { expect, test } from "vitest";
import { makeRun } from "../../github/run.ts";
import { mayPreview } from "./may-preview.ts";

const env = { GITHUB_EVENT_NAME: "pull_request", GITHUB_ACTOR: "ada" };
const event = (more: object = {}) => ({
  action: "synchronize",
  number: 7,
  pull_request: { number: 7, head: { repo: { full_name: "acme/shop" } } },
  repository: { full_name: "Acme/Shop" },
  ...more,
});
const from = (repo: unknown) => event({ pull_request: { number: 7, head: { repo } } });

test.each([
  ["a push to a pull request", env, event(), { kind: "push", pullRequest: 7 }],
  ["a pull request that is opened", env, event({ action: "opened" }), { kind: "push", pullRequest: 7 }],
  ["one that is closed", env, event({ action: "closed" }), { kind: "delete", pullRequest: 7 }],
])("%s may have previews", (_, given, payload, decision) => {
  expect(mayPreview(makeRun(given, payload).ci)).toEqual(decision);
});

test.each([
  ["a fork", env, from({ full_name: "eve/shop" }), "it comes from the fork eve/shop"],
  ["a fork that is closed", env, { ...from({ full_name: "eve/shop" }), action: "closed" }, "the fork eve/shop"],
  ["a fork that is gone", env, from(null), "a repository that is gone"],
  ["pull_request_target", { ...env, GITHUB_EVENT_NAME: "pull_request_target" }, event(), '"pull_request_target"'],
  ["a merge queue", { ...env, GITHUB_EVENT_NAME: "merge_group" }, event(), '"merge_group"'],
  ["a push", { ...env, GITHUB_EVENT_NAME: "push" }, event(), '"push"'],
  ["no CI", {}, event(), "only pull requests have previews"],
  ["Dependabot", { ...env, GITHUB_ACTOR: "dependabot[bot]" }, event(), "Dependabot"],
  ["an event without a number", env, { ...event(), number: undefined, pull_request: {} }, "which pull request"],
  ["an event that cannot be read", env, undefined, "which pull request"],
  ["a number that is none", env, { ...event(), number: "7/../8", pull_request: {} }, "which pull request"],
])("%s gets none", (_, given, payload, because) => {
  expect(mayPreview(makeRun(given, payload).ci)).toEqual({ kind: "no", because: expect.stringContaining(because) });
});
