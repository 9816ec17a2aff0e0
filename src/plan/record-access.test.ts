import { expect, test } from "vitest";
import { recordAccess } from "./record-access.ts";

const branch = (name: string): object => ({ ref: `refs/heads/${name}`, branch: name, tag: undefined });
const tagged = (name: string): object => ({ ref: `refs/tags/${name}`, branch: undefined, tag: name });

test.each<[string, object, readonly string[], string | null]>([
  ["a push to the default branch", { event: "push", ...branch("main") }, ["shared"], "shared"],
  ["a schedule", { event: "schedule", ...branch("main") }, ["shared"], "shared"],
  ["a published release", { event: "release", ...tagged("v1.2.0") }, ["shared"], "shared"],
  ["a version tag", { event: "push", ...tagged("v1.2.0-rc.1") }, ["shared"], "shared"],
  ["a version tag of one of several packages", { event: "push", ...tagged("api-v1.2.0") }, ["shared"], "shared"],
  ["a version tag of a scoped package", { event: "push", ...tagged("@acme/api@1.2.0") }, ["shared"], "shared"],
  ["a protected branch", { event: "push", ...branch("release-1"), isProtected: true }, ["shared"], "shared"],
  ["a branch", { event: "push", ...branch("feature") }, ["shared", "refs/heads/feature"], "refs/heads/feature"],
  [
    "a branch that is called shared",
    { event: "push", ...branch("shared") },
    ["shared", "refs/heads/shared"],
    "refs/heads/shared",
  ],
  [
    "a tag that is no version",
    { event: "push", ...tagged("nightly") },
    ["shared", "refs/tags/nightly"],
    "refs/tags/nightly",
  ],
  [
    "a branch where the default one is not known",
    { event: "push", ...branch("main"), defaultBranch: undefined },
    ["shared", "refs/heads/main"],
    "refs/heads/main",
  ],
  ["a pull request", { event: "pull_request", ref: "refs/pull/5/merge" }, ["shared"], null],
  ["a pull request with trunk's rights", { event: "pull_request_target", ...branch("main") }, ["shared"], null],
  ["a workflow that a pull request called", { event: "workflow_call", ref: "refs/pull/5/merge" }, ["shared"], null],
  ["a merge queue", { event: "merge_group", ...branch("gh-readonly-queue/main/pr-5") }, ["shared"], null],
  ["a comment", { event: "issue_comment", ...branch("main") }, ["shared"], null],
  ["a run after another run", { event: "workflow_run", ...branch("main") }, ["shared"], null],
  ["a protected ref of a comment", { event: "issue_comment", ...branch("main"), isProtected: true }, ["shared"], null],
  ["no run of CI", { event: undefined }, ["shared"], null],
  ["a push without a ref", { event: "push" }, ["shared"], null],
])("%s", (_, run, reads, writes) => {
  const none = { ref: "", branch: undefined, tag: undefined, defaultBranch: "main", isProtected: false };
  expect(recordAccess({ event: undefined, ...none, ...run }, false)).toMatchObject({ reads, writes });
});

test("somebody may say of a run that GitHub says nothing of that it is trunk's, and of no other", () => {
  const run = { ref: "", branch: undefined, tag: undefined, defaultBranch: "main", isProtected: false };
  expect(recordAccess({ event: undefined, ...run }, true)).toMatchObject({ writes: "shared" });
  expect(recordAccess({ event: "pull_request", ...run }, true)).toMatchObject({ writes: null });
  expect(recordAccess({ event: "issue_comment", ...run }, true)).toMatchObject({ writes: null });
  const feature = { ...run, ref: "refs/heads/feature", branch: "feature" };
  expect(recordAccess({ event: "push", ...feature }, true)).toMatchObject({ writes: "refs/heads/feature" });
});
