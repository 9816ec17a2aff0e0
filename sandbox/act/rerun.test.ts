import { expect, test } from "vitest";
import { parse } from "yaml";
import { planWorkflow } from "../../src/workflow/plan-workflow.ts";
import { renderWorkflow } from "../../src/workflow/render-workflow.ts";
import { makeFacts } from "../../src/workflow/testing/facts.ts";
import type { ActJob } from "./log.ts";
import { withoutFinished } from "./rerun.ts";

function job(more: Partial<ActJob>): ActJob {
  const rest = { matrix: {}, seconds: 1, log: "", summary: "", outputs: {}, annotations: [] };
  return { id: "", name: "", result: "success", ...rest, ...more };
}

test("what succeeded says its outputs again, and only the legs that failed are left of the matrix", () => {
  const legs = ["api", "web"].map((service) => ({ service, platform: "linux/amd64", runner: "ubuntu-24.04" }));
  const [api, web] = legs;
  const jobs = [
    job({ id: "plan", outputs: { matrix: JSON.stringify(legs), release: "true" } }),
    job({ id: "build", matrix: api ?? {} }),
    job({ id: "build", matrix: web ?? {}, result: "failure" }),
    job({ id: "slipway", result: "failure" }),
  ];
  const before = renderWorkflow(planWorkflow(makeFacts()));
  const again = parse(withoutFinished(before, { jobs })) as { jobs: Record<string, unknown> };
  const { plan, ...others } = again.jobs;
  const { plan: _, ...othersBefore } = (parse(before) as typeof again).jobs;
  expect(others).toEqual(othersBefore);
  expect(plan).toMatchObject({
    "runs-on": "ubuntu-slim",
    outputs: { matrix: "${{ steps.again.outputs.matrix }}", release: "${{ steps.again.outputs.release }}" },
    steps: [{ id: "again", env: { OUT_matrix: JSON.stringify([web]), OUT_release: "true" } }],
  });
});
