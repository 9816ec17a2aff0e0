import { SlipwayError } from "../errors.ts";
import { buildPart } from "../pipeline/build-part.ts";
import type { MatrixEntry, Part, RunPlan } from "../pipeline/parts.ts";
import { compareWithTags, shadowOfPart } from "../pipeline/shadow.ts";
import type { Workspace } from "../pipeline/workspace.ts";
import { withNeeds } from "../plan/order.ts";
import { chooseBuilder } from "./builder.ts";
import type { CommandResult } from "./command-result.ts";
import { openHandover } from "./handover.ts";
import type { ActionRequest } from "./inputs.ts";
import type { OpenJob } from "./job.ts";
import { renderShadow } from "./shadow-summary.ts";

type BuildInputs = Extract<ActionRequest, { command: "build" }>;

/** Builds one service on one platform, as the run's plan has it. */
export async function runBuild(job: OpenJob, request: BuildInputs): Promise<CommandResult> {
  const { workspace, host } = job;
  const { service, platform, cache } = request;
  const handover = openHandover(host);
  const runPlan = await handover.getPlan();
  if (runPlan === undefined) throw noPlan();
  const parts = await handover.getParts(neededEntries(workspace, runPlan, service));
  const part = await buildPart(workspace, { service, platform, runPlan, parts, cache, builder: chooseBuilder(job) });
  await handover.putPart(part);
  const isDone = part.outcome === "built" || part.outcome === "reused";
  const shadow = request.shadow ? renderShadow(await compareWithTags(workspace, shadowOfPart(part))) : [];
  return { lead: describe(part), more: shadow, exitCode: isDone ? 0 : 1 };
}

/** What jobs of earlier rounds built for this one. */
function neededEntries({ project }: Workspace, { matrices }: RunPlan, service: string): MatrixEntry[] {
  const needs = withNeeds(project.services, [service]);
  return matrices.flat().filter((entry) => entry.service !== service && needs.has(entry.service));
}

function noPlan(): SlipwayError {
  return new SlipwayError("unavailable", "the run's plan is not there: its artifact is kept for a day", {
    hint: "re-run all jobs, not only those that failed; what is published already is not built again",
  });
}

function describe({ service, platform, outcome, because }: Part): string {
  const what = `${service} for ${platform} ${outcome === "built" || outcome === "reused" ? "is" : "was"} ${outcome}`;
  return because === null ? `${what}.` : `${what}: ${because}.`;
}
