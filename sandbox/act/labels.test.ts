import { expect, test } from "vitest";
import { renderWorkflow } from "../../src/workflow/render-workflow.ts";
import { planWorkflow } from "../../src/workflow/plan-workflow.ts";
import { makeFacts, platform, service } from "../../src/workflow/testing/facts.ts";
import { runnerLabels } from "./labels.ts";

test("labels are those of the jobs, and those that the plan job puts into the matrix", () => {
  const services = [service("api", { platforms: [platform("linux/amd64"), platform("linux/arm64")] })];
  const workflow = renderWorkflow(planWorkflow(makeFacts({ services })));
  expect(runnerLabels(workflow).toSorted()).toEqual(["ubuntu-24.04", "ubuntu-24.04-arm", "ubuntu-slim"]);
});

test("labels that are a list are each of them", () => {
  const runners = { byPlatform: { "linux/amd64": ["self-hosted", "big"] }, light: undefined, atOnce: undefined };
  const workflow = renderWorkflow(planWorkflow(makeFacts({ runners })));
  expect(runnerLabels(workflow).toSorted()).toEqual(["big", "self-hosted"]);
});
