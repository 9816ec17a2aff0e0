import { expect, test } from "vitest";
import { makeActLog } from "./log.ts";

const api = { job: "shop/build api-1", jobID: "build", matrix: { service: "api" } };
const web = { job: "shop/build web-2", jobID: "build", matrix: { service: "web" } };

function read(...lines: object[]) {
  const log = makeActLog();
  for (const [index, line] of lines.entries()) log.add(JSON.stringify(line), index * 500);
  return log.jobs();
}

test("a leg that passed is a success, although act calls every leg after a failed one failed", () => {
  const jobs = read(
    { ...web, stepResult: "failure" },
    { ...web, jobResult: "failure" },
    { ...api, stepResult: "success" },
    { ...api, jobResult: "failure" },
  );
  expect(jobs.map(({ name, result, seconds }) => ({ name, result, seconds }))).toEqual([
    { name: "build web", result: "failure", seconds: 0.5 },
    { name: "build api", result: "success", seconds: 0.5 },
  ]);
});

test("a job that was cut off is unfinished", () => {
  expect(read({ ...api, stepResult: "success" })).toMatchObject([{ result: "unfinished" }]);
});

test("what the steps wrote, set and pointed at is told for each job", () => {
  const at = { file: "api/Dockerfile", line: "3" };
  const jobs = read(
    { ...api, msg: "one\n", raw_output: true },
    { ...api, msg: "::group::g\n", command: "group" },
    { ...web, msg: "other\n", raw_output: true },
    { ...api, command: "set-output", name: "digest", arg: "sha256:1" },
    { ...api, command: "error", arg: "it broke", kvPairs: at },
    { ...api, command: "summary", content: "# Built\n" },
    { ...api, jobResult: "success" },
  );
  expect(jobs[0]).toMatchObject({
    log: "one\n",
    outputs: { digest: "sha256:1" },
    annotations: [{ level: "error", message: "it broke", at }],
    summary: "# Built\n",
    result: "success",
  });
});

test("lines of act itself, and text that is none of it, belong to no job", () => {
  const log = makeActLog();
  log.add("Error: Job 'build' failed", 0);
  log.add(JSON.stringify({ level: "warning", msg: "no docker" }), 1);
  expect(log.jobs()).toEqual([]);
});
