import { expect, test } from "vitest";
import { criticalPath } from "./critical-path.ts";
import type { ActJob } from "./log.ts";

const workflow = `jobs:
  plan: {}
  build: { needs: [plan] }
  notes: { needs: [plan] }
  release: { needs: [plan, build, notes] }
`;

function job(id: string, seconds: number): ActJob {
  return { id, name: id, matrix: {}, result: "success", seconds, log: "", summary: "", outputs: {}, annotations: [] };
}

test("a run with a runner for each job takes as long as its longest way: legs of a matrix go beside each other", () => {
  const jobs = [job("plan", 1), job("build", 10), job("build", 12), job("notes", 3), job("release", 2)];
  expect(criticalPath(workflow, { jobs })).toBe(15);
});

test("a job that was skipped takes no time", () => {
  expect(criticalPath(workflow, { jobs: [job("plan", 1), job("release", 2)] })).toBe(3);
});
