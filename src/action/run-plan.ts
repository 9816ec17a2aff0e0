import { isClosed } from "../model/ci-run.ts";
import { chooseVersion } from "../core/releasing/choose-version.ts";
import type { RequestedRelease as RunAsked } from "../core/planning/parts.ts";
import { planRun } from "../core/jobs/plan-run.ts";
import { makeReleaseHistory, type ReleaseHistory } from "../core/planning/release-history.ts";
import { compareWithTags, shadowOfPlan } from "../core/jobs/shadow.ts";
import type { CommandResult } from "./command-result.ts";
import { openHandover } from "./handover.ts";
import type { ActionRequest } from "./inputs.ts";
import type { OpenJob } from "./job.ts";
import { machineOf, makeMatrixOutputs } from "./matrix.ts";
import { previewOf } from "./run-preview.ts";
import { renderShadow } from "./shadow-summary.ts";
import { versionSourceOf } from "./version-source.ts";

type PlanInputs = Extract<ActionRequest, { command: "plan" }>;

/** Decides what the run's other jobs build, and whether they release it. Needs no Docker. */
export async function runPlanJob(job: OpenJob, request: PlanInputs): Promise<CommandResult> {
  const { workspace, runner, run } = job;
  if (isClosed(run.ci)) return planNothing(job, request);
  const history = makeReleaseHistory(workspace);
  const { asked, releases, lead } = await decideRun(job, request, history);
  const preview = request.shadow ? undefined : previewOf(job);
  const plan = await planRun(workspace, {
    asked,
    releases,
    history,
    force: request.force,
    matrixJobs: request.matrixJobs,
    buildPlatformOf: (platform) => machineOf(platform, request.runners),
    preview: preview?.kind === "push" ? preview.pullRequest : null,
  });
  const digest = await openHandover(job).putPlan(plan);
  const outputs = {
    ...makeMatrixOutputs(plan.matrices, request.runners),
    release: String(releases),
    version: asked.version ?? "",
    "plan-digest": digest,
  };
  for (const [name, value] of Object.entries(outputs)) runner.setOutput(name, value);
  const shadow = request.shadow ? renderShadow(await compareWithTags(workspace, shadowOfPlan(plan))) : [];
  return { lead, more: shadow, exitCode: 0 };
}

/** Sets empty matrices, so that the workflow skips the jobs. */
function planNothing({ runner }: OpenJob, { matrixJobs, runners }: PlanInputs): CommandResult {
  const matrices = matrixJobs.flatMap((jobs) => Array.from({ length: jobs }, () => []));
  const outputs = { ...makeMatrixOutputs(matrices, runners), release: "false" };
  for (const [name, value] of Object.entries(outputs)) runner.setOutput(name, value);
  return { lead: "Nothing is built: the pull request is closed.", more: [], exitCode: 0 };
}

interface Decided {
  readonly asked: RunAsked;
  readonly releases: boolean;
  readonly lead: string;
}

/** Decides what the run is to release. A version that is not given is chosen here, once for all jobs. */
async function decideRun(
  { workspace, purpose }: OpenJob,
  request: PlanInputs,
  history: ReleaseHistory,
): Promise<Decided> {
  const nothing: RunAsked = { version: null, branch: null, group: null, only: request.services };
  const { because } = purpose;
  if (purpose.kind === "build") {
    return { asked: nothing, releases: false, lead: `Nothing is to be released: ${because}.` };
  }
  if (purpose.kind === "version") {
    const asked = { ...nothing, version: purpose.version, group: purpose.group ?? null };
    return { asked, releases: true, lead: `Version ${purpose.version} is to be released: ${because}.` };
  }
  const versionFrom = versionSourceOf(purpose, request.asked.versionFrom, workspace.project.version);
  const undecided = { version: undefined, branch: undefined, group: undefined, only: request.services };
  const chosen =
    versionFrom === undefined ? undefined : await chooseVersion(workspace, { ...undecided, versionFrom }, history);
  if (chosen === undefined) {
    const lead = `Branch ${purpose.branch} is to be released: ${because}.`;
    return { asked: { ...nothing, branch: purpose.branch }, releases: true, lead };
  }
  if (chosen.kind === "nothing") {
    return { asked: nothing, releases: false, lead: `Nothing is to be released: ${chosen.because}.` };
  }
  const asked = { ...nothing, version: chosen.version, group: chosen.group };
  return { asked, releases: true, lead: `Version ${chosen.version} is to be released: ${chosen.because}.` };
}
