import { errorMessage, exitCodeOf, SlipwayError } from "../errors.ts";
import { type ReadRun, readRun } from "../github/run.ts";
import type { Host } from "../host.ts";
import type { CiRun } from "../model/ci-run.ts";
import { annotateError } from "../report/annotate-error.ts";
import { printLogLine } from "../report/github-log.ts";
import { renderStepSummary } from "../report/step-summary.ts";
import { explainInJob } from "./explain-in-job.ts";
import { type ActionRequest, parseInputs } from "./inputs.ts";
import { type Job, makeJob } from "./job.ts";
import type { Runner } from "./runner.ts";
import { runBuildJob } from "./run-build.ts";
import { runPlanJob } from "./run-plan.ts";
import { runReleaseJob } from "./run-release.ts";
import type { CommandResult } from "./command-result.ts";

/** Runs the action once, reports in the log and in the step's summary, and returns the exit code. */
export async function runAction(host: Host, openRunner: (ci: CiRun) => Runner): Promise<number> {
  let request: ActionRequest;
  let run: ReadRun;
  try {
    request = parseInputs(host.env);
    run = await readRun(host.env);
  } catch (error) {
    return fail(host, error);
  }
  const job = makeJob(host, openRunner(run.ci), run, request);
  try {
    const result = await runCommand(job, request);
    await summarize(job, request, result, undefined);
    return result.exitCode;
  } catch (thrown) {
    job.close();
    const error = explainInJob(thrown, run.ci);
    await summarize(job, request, { lead: "", more: [], exitCode: 1 }, error);
    return fail(host, error);
  } finally {
    job.close();
  }
}

async function runCommand(job: Job, request: ActionRequest): Promise<CommandResult> {
  switch (request.command) {
    case "plan":
      return runPlanJob(await (await job.prepare()).open(), request);
    case "build":
      return runBuildJob(job, request);
    case "release":
      return runReleaseJob(job, request);
  }
}

async function summarize(job: Job, request: ActionRequest, result: CommandResult, error: unknown): Promise<void> {
  const { lead, more } = result;
  const title = titleOf(request);
  const fault = error === undefined ? undefined : faultText(error);
  await job.runner.addSummary(renderStepSummary(job.facts, { title, lead, more, fault }));
}

function titleOf(request: ActionRequest): string {
  return request.command === "build"
    ? `Slipway: ${request.service} ${request.platform}`
    : `Slipway: ${request.command}`;
}

function faultText(error: unknown): string {
  const hint = error instanceof SlipwayError && error.hint !== undefined ? `\n${error.hint}` : "";
  return `${errorMessage(error)}${hint}`;
}

function fail(host: Host, error: unknown): number {
  for (const line of annotateError(error)) printLogLine(host, line);
  return exitCodeOf(error);
}
