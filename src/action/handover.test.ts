import { afterEach, beforeEach, expect, test } from "vitest";
import { type GitHub, type JobOptions, startGitHub } from "../../sandbox/github/index.ts";
import type { Event } from "../event.ts";
import { makeRun } from "../github/run.ts";
import type { Host } from "../host.ts";
import type { RunPlan } from "../core/planning/parts.ts";
import { makeFetch } from "../http/fetch.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { openHandover, readHandedOver } from "./handover.ts";

let github: GitHub;
beforeEach(async () => {
  github = await startGitHub({ repository: "acme/shop" });
});
afterEach(() => github.close());

async function startOf(job: JobOptions) {
  const env = await github.env({ runId: "7", ...job });
  const host: Host = makeTestHost({ env, fetch: makeFetch({}), startsAt: new Date().toISOString() });
  return { host, run: makeRun(env, undefined) };
}

async function handoverOf(job: JobOptions) {
  return openHandover(await startOf(job));
}

/** What the handover itself reads of a plan. */
function planOf(version: string): RunPlan {
  return { version: 1, asked: { version }, matrices: [] } as unknown as RunPlan;
}

async function readIn(job: JobOptions, digest: Parameters<typeof readHandedOver>[1]) {
  const events: Event[] = [];
  const start = await startOf(job);
  const handedOver = await readHandedOver({ ...start, emit: (event) => void events.push(event) }, digest);
  return { handedOver, warnings: events.map((event) => (event.kind === "warning" ? event.message : event.kind)) };
}

test("a plan of the digest that its job gave is read, without a word", async () => {
  const digest = await (await handoverOf({ job: "plan" })).putPlan(planOf("1.2.0"));
  expect(await (await handoverOf({ job: "build" })).getPlan(digest)).toEqual(planOf("1.2.0"));
  const { handedOver, warnings } = await readIn({ job: "release" }, digest);
  expect(handedOver.runPlan).toEqual(planOf("1.2.0"));
  expect(warnings).toEqual([]);
});

test("a plan that another job put in its place is refused, by jobs that build and by the one that releases", async () => {
  const digest = await (await handoverOf({ job: "plan" })).putPlan(planOf("1.2.0"));
  // The re-run's own number is the newest that counts.
  const other = await (await handoverOf({ job: "lint", runAttempt: 2 })).putPlan(planOf("9.9.9"));
  const refused = {
    code: "refused",
    message: `reading the artifact slipway-plan-2: its digest is ${other}, and the job that planned stored ${digest}`,
    hint: "another job of this run replaced the plan: find out which one writes artifacts, then re-run all jobs",
  };
  await expect((await handoverOf({ job: "build", runAttempt: 2 })).getPlan(digest)).rejects.toMatchObject(refused);
  await expect(readIn({ job: "release", runAttempt: 2 }, digest)).rejects.toMatchObject(refused);
});

test("a workflow that gives no digest is served as before, and the job that releases warns once", async () => {
  await (await handoverOf({ job: "plan" })).putPlan(planOf("1.2.0"));
  expect(await (await handoverOf({ job: "build" })).getPlan(undefined)).toEqual(planOf("1.2.0"));
  const { handedOver, warnings } = await readIn({ job: "release" }, undefined);
  expect(handedOver.runPlan).toEqual(planOf("1.2.0"));
  expect(warnings).toEqual([
    'the workflow gives this job no "plan-digest", so that it cannot tell whether another job of the run replaced the plan: `npx slipway init` makes the workflow anew',
  ]);
});
