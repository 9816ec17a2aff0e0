import { expect, test } from "vitest";
import { planWorkflow } from "../../src/workflow/plan-workflow.ts";
import { renderWorkflow } from "../../src/workflow/render-workflow.ts";
import { makeFacts } from "../../src/workflow/testing/facts.ts";
import { askedPermissions } from "./permissions.ts";

test("a run's token may do what the jobs ask for together, and nothing else", () => {
  const workflow = renderWorkflow(planWorkflow(makeFacts()));
  expect(askedPermissions(workflow)).toEqual({ contents: "write", packages: "write" });
  expect(
    askedPermissions("jobs: { a: { permissions: { contents: write } }, b: { permissions: { contents: read } } }"),
  ).toEqual({ contents: "write" });
});
