import { SlipwayError } from "../../errors.ts";
import type { ReleaseDocument } from "../../model/documents.ts";
import { reusedImages } from "../../plan/plan-release.ts";
import { openAttester } from "../attesting/open-attester.ts";
import { attesterOf } from "./attester-of-run.ts";
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

/** Options of a release of images that other jobs of the run planned and built. */
export interface PartsReleaseRequest extends Omit<ReleaseRequest, "builder" | "cache" | "parallel" | "dryRun"> {
  /** Plan of the run; undefined: its artifact is gone. The options that the run was planned with take precedence over this request. */
  readonly runPlan: RunPlan | undefined;
  /** The newest part of each service and platform; parts of other commits are ignored. */
  readonly parts: readonly Part[];
}

/**
 * Releases exactly the images that the run's plan reused and its parts built, as the registry confirms them. Uses no Docker and builds
 * nothing. If the plan or a part is lost, looks its images up in the registry by fingerprint. If a part failed or an image is missing,
 * `state` is `failed` and no tag moves.
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
  if (plan === undefined) throw new Error("there is neither a run plan nor a new plan");
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
  const document = await commitReleases(workspace, opened, {
    plan,
    results,
    because,
    isSeen: false,
    attester: runPlan === undefined ? openAttester(workspace) : attesterOf(workspace, runPlan),
  });
  workspace.emit(summarize(workspace, results, started));
  return releaseOnGitHub(workspace, request, document);
}

/** The request with the options that the run was planned with, which take precedence. */
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

/** Plans again if the run's plan or a part is missing, to find images in the registry. Forces nothing, because this job builds nothing. */
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
    message: `${what} missing (expired?): looking up the images in the registry`,
  });
  const { plan, observation } = await planServices(makeObserver(workspace, { history }), { services });
  return { plan, reused: reusedImages(plan, observation.state) };
}

/** What to do about a failed part. Built images stay published, so a re-run builds only the missing ones. */
function whatToDo(run = "RUN", isPlanGone: boolean): string {
  return isPlanGone
    ? `the run's plan is gone: re-run all its jobs (gh run rerun ${run}); published images are not built again`
    : `re-run the failed jobs (gh run rerun ${run} --failed); images that were built are not built again`;
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
