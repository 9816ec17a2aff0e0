import { isAfterJob } from "./adopt/after-jobs.ts";
import type { JobsLayout, WorkflowFacts } from "./facts.ts";
import type { WorkflowJob, OwnJob, WorkflowModel } from "./model.ts";
import { buildJobs, planJob, previewJob, releaseJob, singleJob } from "./own-jobs.ts";
import { reportJob } from "./report-job.ts";
import { semanticReleaseJob } from "./semantic-release-job.ts";
import { hasPreviews } from "./preview-job.ts";
import { planTriggers } from "./triggers.ts";

/** Largest number of services for which one job is quicker than starting several. */
const singleUpTo = 3;

/** Returns the path of the workflow. */
export function workflowFile(shadow: boolean): string {
  return `.github/workflows/${shadow ? "slipway-shadow" : "slipway"}.yml`;
}

/**
 * Chooses the layout: `matrix` for semantic-release, else the given one. Without one, `single` for steps before the build, which must run once, and
 * for few services of one platform.
 */
export function chooseLayout(
  facts: Pick<WorkflowFacts, "jobs" | "services" | "adopted" | "semanticRelease">,
): JobsLayout {
  if (facts.semanticRelease !== undefined) return "matrix";
  if (facts.jobs !== undefined) return facts.jobs;
  if ((facts.adopted?.before.length ?? 0) > 0) return "single";
  const isMixed = new Set(facts.services.flatMap(({ platforms }) => platforms)).size > 1;
  return facts.services.length <= singleUpTo && !isMixed ? "single" : "matrix";
}

/** Plans the whole workflow. */
export function planWorkflow(facts: WorkflowFacts): WorkflowModel {
  const layout = chooseLayout(facts);
  const { adopted, shadow } = facts;
  const kept = shadow ? [] : (adopted?.jobs ?? []);
  const own = ownJobs(shadow ? withoutGates(facts) : facts, layout);
  const jobs: WorkflowJob[] = [...kept.map(({ id, text }): WorkflowJob => ({ kind: "text", id, text })), ...own];
  const after = kept.map(({ id }) => id).filter(isAfterJob);
  const reported = [...(shadow ? [] : (adopted?.gates ?? [])), ...own.map(({ id }) => id), ...after];
  return {
    file: workflowFile(shadow),
    name: shadow ? "slipway shadow" : (adopted?.name ?? "slipway"),
    runName: shadow ? undefined : adopted?.runName,
    adoptedFrom: shadow ? [] : (adopted?.files ?? []),
    layout,
    triggers: planTriggers(facts),
    env: adopted?.env ?? {},
    defaults: adopted?.defaults,
    jobs: [...jobs, reportJob(facts, reported)],
  };
}

function ownJobs(facts: WorkflowFacts, layout: JobsLayout): OwnJob[] {
  if (layout === "single") return [singleJob(facts)];
  const builds = buildJobs(facts);
  const ids = builds.map(({ id }) => id);
  if (facts.shadow) return [planJob(facts), ...builds];
  const { semanticRelease } = facts;
  const release =
    semanticRelease === undefined ? releaseJob(facts, ids) : semanticReleaseJob(facts, semanticRelease, ids);
  return [planJob(facts), ...builds, release, ...(hasPreviews(facts) ? [previewJob(facts, ids)] : [])];
}

/** Removes the gates, the condition and the environment of the old workflow, because a shadow workflow runs beside it. */
function withoutGates(facts: WorkflowFacts): WorkflowFacts {
  return facts.adopted === undefined
    ? facts
    : { ...facts, adopted: { ...facts.adopted, gates: [], condition: undefined, environment: undefined } };
}
