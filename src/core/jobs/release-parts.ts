import { SlipwayError } from "../../errors.ts";
import type { ReleaseDocument } from "../../model/documents.ts";
import { reusedImages } from "../../plan/plan-release.ts";
import { checkRunPlan } from "./check-run-plan.ts";
import { confirmPublished } from "./confirm-published.ts";
import { commitReleases } from "../releasing/commit-releases.ts";
import { findPart, findReused } from "./find-part.ts";
import { gatherParts } from "./gather-parts.ts";
import { checkExisting } from "../releasing/group-release.ts";
import type { Part, RunPlan } from "../planning/parts.ts";
import { makeObserver } from "../planning/observer.ts";
import { planServices } from "../planning/plan.ts";
import { type OpenReleases, openReleases } from "../releasing/open-releases.ts";
import { releaseOnGitHub } from "../releasing/github-release.ts";
import { releaseUnplanned } from "../releasing/release-command.ts";
import type { ReleaseRequest } from "../releasing/release-request.ts";
import { hasImage, summarize } from "../building/service-result.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** A release of what other jobs of the run planned and built. */
export interface PartsReleaseRequest extends Omit<ReleaseRequest, "builder" | "cache" | "parallel" | "dryRun"> {
  /** Undefined: its artifact is gone. What it asked for goes before what is asked here. */
  readonly runPlan: RunPlan | undefined;
  /** The newest of each service and platform; those of other commits count for nothing. */
  readonly parts: readonly Part[];
}

/**
 * Releases exactly what the run's plan reused and its parts built, as the registry has it; needs no Docker and builds nothing. What lost its part or plan
 * is looked for in the registry, under its fingerprint. When a part failed or is nowhere, `state` is `failed` and nothing moved.
 */
export async function releaseParts(workspace: Workspace, request: PartsReleaseRequest): Promise<ReleaseDocument> {
  const started = workspace.host.monotonic();
  const given = request.runPlan;
  if (given !== undefined) checkRunPlan(workspace, given);
  if (given !== undefined && given.preview !== null) throw previewOnly(given.preview);
  const { runPlan, parts } = await confirmPublished(workspace, { runPlan: given, parts: request.parts });
  const opened = await openReleases(workspace, asPlanned(request, runPlan));
  if (opened.kind !== "open") return releaseUnplanned(workspace, request, opened, started);

  const again = await planAgain(workspace, opened, runPlan, parts);
  const plan = runPlan?.plan ?? again?.plan;
  if (plan === undefined) throw new Error("without a run plan everything is planned again");
  for (const each of opened.releases) checkExisting(workspace, each, plan);

  const results = plan.steps.flatMap(({ service: name }) => {
    const service = workspace.project.services.find((each) => each.name === name);
    return service === undefined
      ? []
      : [gatherParts(service, { runPlan, parts, again: again?.reused ?? [], commit: plan.commit })];
  });
  for (const { service, outcome } of results) {
    workspace.emit({ kind: "service-ended", service: service.name, outcome });
  }
  const hasFailed = !results.every(hasImage);
  const because = hasFailed ? whatToDo(workspace.ci.id, runPlan === undefined) : null;
  const document = await commitReleases(workspace, opened, { plan, results, because, isSeen: false });
  workspace.emit(summarize(workspace, results, started));
  return releaseOnGitHub(workspace, request, document);
}

/** The request as the run was planned: what was asked then goes before what is asked now. */
function asPlanned(request: PartsReleaseRequest, runPlan: RunPlan | undefined): ReleaseRequest {
  const asked = runPlan?.asked;
  return {
    ...request,
    version: asked?.version ?? request.version,
    branch: asked?.branch ?? request.branch,
    group: asked?.group ?? request.group,
    only: asked === undefined || asked.only.length === 0 ? request.only : asked.only,
    dryRun: false,
    builder: undefined,
    cache: undefined,
    parallel: undefined,
  };
}

/** The plan as it would be now, when something of the run's own is missing; nothing is forced, since nothing is built. */
async function planAgain(
  workspace: Workspace,
  { services, history }: OpenReleases,
  runPlan: RunPlan | undefined,
  parts: readonly Part[],
): Promise<Pick<RunPlan, "plan" | "reused"> | undefined> {
  if (runPlan !== undefined) {
    const { commit, steps } = runPlan.plan;
    const isWhole = steps.every(({ service, platforms }) =>
      platforms.every(
        ({ platform }) =>
          findReused(runPlan, service, platform) !== undefined ||
          findPart(parts, { commit, service, platform }) !== undefined,
      ),
    );
    if (isWhole) return undefined;
  }
  const what = runPlan === undefined ? "the run's plan is" : "parts of the run are";
  workspace.emit({
    kind: "warning",
    message: `${what} not there (expired?): looking in the registry for what was built`,
  });
  const { plan, observation } = await planServices(makeObserver(workspace, { history }), { services });
  return { plan, reused: reusedImages(plan, observation.state) };
}

/** What is built is kept: a re-run builds only what is missing. */
function whatToDo(run = "RUN", isPlanGone: boolean): string {
  return isPlanGone
    ? `the run's plan is gone: re-run all its jobs (gh run rerun ${run}); what is published is not built again`
    : `re-run the failed jobs (gh run rerun ${run} --failed); what was built is not built again`;
}

function previewOnly(pullRequest: number): SlipwayError {
  return new SlipwayError(
    "run-untrusted",
    `the run was planned for previews of pull request ${pullRequest}: they are never released`,
    {
      hint: "release from a run for a push, a tag or by hand",
    },
  );
}
