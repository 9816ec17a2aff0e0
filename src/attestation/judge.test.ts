import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import type { WorkflowSigner } from "../model/statement.ts";
import { judgeSigner, type TrustPolicy } from "./judge.ts";

const policy: TrustPolicy = {
  issuer: "https://token.actions.githubusercontent.com",
  repository: "https://github.com/acme/shop",
  repositoryId: "1",
  workflows: undefined,
  refs: ["refs/heads/main"],
  keys: [digestOf("a key")],
};
const workflow: WorkflowSigner = {
  kind: "workflow",
  issuer: policy.issuer,
  subject: "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main",
  repository: "https://github.com/acme/shop",
  repositoryId: "1",
  ownerId: "2",
  commit: "c".repeat(40),
  ref: "refs/heads/main",
  runner: "github-hosted",
  event: "push",
  run: "https://github.com/acme/shop/actions/runs/1/attempts/1",
};
const release = { ...policy, workflows: [".github/workflows/release.yml"] };
const called = { ...workflow, subject: "https://github.com/acme/ci/.github/workflows/build.yml@refs/heads/main" };

test.each<[string, WorkflowSigner, TrustPolicy, string | undefined]>([
  ["trunk's workflow", workflow, policy, undefined],
  ["the workflow that is listed", workflow, release, undefined],
  [
    "the repository by its number, under a new name",
    { ...workflow, repository: "https://github.com/acme/store", subject: workflow.subject.replace("shop", "store") },
    policy,
    undefined,
  ],
  ["the repository by its name, where no number is known", workflow, { ...policy, repositoryId: undefined }, undefined],
  [
    "a called workflow that is listed",
    called,
    { ...policy, workflows: ["acme/ci/.github/workflows/build.yml"] },
    undefined,
  ],
  ["a tag that is listed", { ...workflow, ref: "refs/tags/v1.0.0" }, { ...policy, refs: ["refs/tags/v*"] }, undefined],
  ["a job of this very run, on any ref", { ...workflow, ref: "refs/heads/x" }, { ...policy, run: "1" }, undefined],
  ["a job of another run, on any ref", { ...workflow, ref: "refs/heads/x" }, { ...policy, run: "11" }, "ref"],
  [
    "a job of a run of another repository with the same number",
    { ...workflow, ref: "refs/heads/x", repositoryId: "7" },
    { ...policy, run: "1" },
    "repository",
  ],
  ["another token service", { ...workflow, issuer: "https://evil.test" }, policy, "issuer"],
  ["another repository of the same name", { ...workflow, repositoryId: "7" }, policy, "repository"],
  [
    "a fork, where no number is known",
    { ...workflow, repository: "https://github.com/eve/shop" },
    { ...policy, repositoryId: undefined },
    "repository",
  ],
  [
    "a repository whose name begins alike",
    { ...workflow, repository: "https://github.com/acme/shop2" },
    { ...policy, repositoryId: undefined },
    "repository",
  ],
  [
    "a workflow that is not allowed any more",
    { ...workflow, subject: workflow.subject.replace("release.yml", "old.yml") },
    release,
    "workflow",
  ],
  [
    "a workflow whose path ends alike",
    { ...workflow, subject: workflow.subject.replace(".github", "x/.github") },
    release,
    "workflow",
  ],
  ["a called workflow that nobody listed", called, policy, "workflow"],
  ["a branch", { ...workflow, ref: "refs/heads/feature" }, policy, "ref"],
  ["a branch whose name begins alike", { ...workflow, ref: "refs/heads/main2" }, policy, "ref"],
  ["a tag that nobody listed", { ...workflow, ref: "refs/tags/v1.0.0" }, policy, "ref"],
  ["a pull request", { ...workflow, ref: "refs/pull/5/merge" }, policy, "ref"],
  ["a certificate that says of no repository", { ...workflow, repository: "", repositoryId: "" }, policy, "repository"],
])("%s", (_, signer, by, kind) => {
  expect(judgeSigner({ signer }, by)?.kind).toBe(kind);
});

test("a key counts where it is listed", () => {
  expect(judgeSigner({ signer: { kind: "key", key: digestOf("a key") } }, policy)).toBeUndefined();
  expect(judgeSigner({ signer: { kind: "key", key: digestOf("another") } }, policy)?.kind).toBe("key");
});
