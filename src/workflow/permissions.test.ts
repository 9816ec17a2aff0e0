import { expect, test } from "vitest";
import { planWorkflow } from "./plan-workflow.ts";
import type { WorkflowFacts } from "./facts.ts";
import { makeFacts } from "./testing/facts.ts";

/** Jobs that may write one scope. */
function jobsWith(scope: string, facts: Partial<WorkflowFacts>): string[] {
  return planWorkflow(makeFacts(facts)).jobs.flatMap((job) =>
    job.kind === "own" && job.permissions.some((each) => each.scope === scope && each.level === "write")
      ? [job.id]
      : [],
  );
}

test.each([
  ["a matrix that signs by the run's identity", { signsKeyless: true }, ["plan", "build", "release"], ["release"]],
  ["a single job that does", { signsKeyless: true, jobs: "single" }, ["release"], ["release"]],
  ["a matrix with a key or none", { signsKeyless: false }, [], []],
  ["a workflow beside another one", { signsKeyless: true, shadow: true }, [], []],
] as const)("%s: who may ask for an identity, and who may write attestations", (_, facts, identity, attestations) => {
  expect(jobsWith("id-token", facts)).toEqual(identity);
  expect(jobsWith("attestations", facts)).toEqual(attestations);
});
