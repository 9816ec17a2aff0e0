import { type Builder, inspectBuilder } from "../buildkit/builder.ts";
import { exitCodeOfServices, SlipwayError } from "../errors.ts";
import { settleAll } from "../model/settle.ts";
import { buildPart } from "../core/jobs/build-part.ts";
import type { MatrixEntry, Part, RunPlan } from "../core/planning/parts.ts";
import { compareWithTags, shadowOfPart } from "../core/jobs/shadow.ts";
import type { Workspace } from "../core/workspace/workspace.ts";
import { withNeeds } from "../plan/order.ts";
import { chooseBuilder } from "./builder.ts";
import type { CommandResult } from "./command-result.ts";
import { openHandover } from "./handover.ts";
import type { ActionRequest } from "./inputs.ts";
import type { Job, OpenJob } from "./job.ts";
import { renderShadow } from "./shadow-summary.ts";

type BuildInputs = Extract<ActionRequest, { command: "build" }>;

/**
 * Builds one service on one platform according to the run's plan. To save time, the plan is read and the engine is queried while the repository is
 * fetched.
 */
export async function runBuildJob(job: Job, request: BuildInputs): Promise<CommandResult> {
  const { service, platform, cache, planDigest } = request;
  const handover = openHandover(job);
  const [[open, selected], runPlan] = await settleAll([openBeside(job), handover.getPlan(planDigest)]);
  if (runPlan === undefined) throw noPlan();
  const { workspace } = open;
  const builder = chooseBuilder(open, selected);
  const parts = await handover.getParts(neededEntries(workspace, runPlan, service));
  const part = await buildPart(workspace, { service, platform, runPlan, parts, cache, builder });
  await handover.putPart(part);
  const shadow = request.shadow ? renderShadow(await compareWithTags(workspace, shadowOfPart(part))) : [];
  return { lead: describe(part), more: shadow, exitCode: exitCodeOfServices([part]) };
}

/** Opens the job, and queries the engine for its builder at the same time. */
async function openBeside(job: Job): Promise<[OpenJob, Promise<Builder>]> {
  const prepared = await job.prepare();
  const selected = inspectBuilder(prepared.host);
  // The error is thrown where the builder is used. If the image turns out to be published, no builder is needed.
  selected.catch(() => undefined);
  return [await prepared.open(), selected];
}

/** Returns the entries of earlier rounds whose images this service needs. */
function neededEntries({ project }: Workspace, { matrices }: RunPlan, service: string): MatrixEntry[] {
  const needs = withNeeds(project.services, [service]);
  return matrices.flat().filter((entry) => entry.service !== service && needs.has(entry.service));
}

function noPlan(): SlipwayError {
  return new SlipwayError("artifacts-unavailable", "the run's plan is not there: its artifact is kept for a day", {
    hint: "re-run all jobs, not only those that failed; what is published already is not built again",
  });
}

function describe({ service, platform, outcome, because }: Part): string {
  const what = `${service} for ${platform} ${outcome === "built" || outcome === "reused" ? "is" : "was"} ${outcome}`;
  return because === null ? `${what}.` : `${what}: ${because}.`;
}
