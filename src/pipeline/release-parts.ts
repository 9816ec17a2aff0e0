import type { Host } from "../host.ts";
import type { ReleaseDocument } from "../model/documents.ts";
import type { Platform } from "../model/platform.ts";
import type { Service } from "../model/service.ts";
import { replacesPublished } from "../plan/make-step.ts";
import type { PublishedChildren } from "../release/published.ts";
import { assemble, type ServiceResult } from "./build.ts";
import type { PlatformImage, SolveFacts } from "./build-platform.ts";
import { checkRunPlan } from "./check-run-plan.ts";
import { findPart, findReused, plannedPlatform, plannedStep } from "./find-part.ts";
import { checkExisting } from "./group-release.ts";
import type { Part, RunPlan } from "./parts.ts";
import { type Planned, planServices } from "./plan.ts";
import { type Made, releaseWith, type ReleaseRequest } from "./release-command.ts";
import type { Workspace } from "./workspace.ts";

/** A release of what other jobs of the run planned and built. */
export interface PartsReleaseRequest extends Omit<ReleaseRequest, "builder" | "cache" | "parallel"> {
  /** Undefined: its artifact is gone. What it asked for goes before what is asked here. */
  readonly runPlan: RunPlan | undefined;
  /** The newest of each service and platform; those of other commits count for nothing. */
  readonly parts: readonly Part[];
}

/**
 * Releases exactly what the run's plan reused and its parts built; needs no Docker and builds nothing. What lost its part or plan
 * is looked for in the registry, under its fingerprint. When a part failed or is nowhere, `state` is `failed` and nothing moved.
 */
export async function releaseParts(workspace: Workspace, request: PartsReleaseRequest): Promise<ReleaseDocument> {
  const { runPlan, parts } = request;
  if (runPlan !== undefined) checkRunPlan(workspace, runPlan);
  const asked = runPlan?.asked;
  const release: ReleaseRequest = {
    ...request,
    version: asked?.version ?? request.version,
    branch: asked?.branch ?? request.branch,
    group: asked?.group ?? request.group,
    only: asked === undefined || asked.only.length === 0 ? request.only : asked.only,
    builder: undefined,
    cache: undefined,
    parallel: undefined,
  };
  return releaseWith(workspace, release, async (services, releases): Promise<Made> => {
    const again = await planAgain(workspace, services, runPlan, parts);
    const plan = runPlan?.plan ?? again?.plan;
    if (plan === undefined) throw new Error("without a run plan everything is planned again");
    for (const each of releases) checkExisting(workspace, each, plan);
    const made = plan.steps.flatMap(({ service: name }) => {
      const service = workspace.project.services.find((each) => each.name === name);
      return service === undefined ? [] : [gather(service, { runPlan, parts, again, commit: plan.commit })];
    });
    for (const { service, outcome } of made) {
      workspace.emit({ kind: "service-ended", service: service.name, outcome });
    }
    const hasFailed = made.some(({ image }) => image === undefined);
    const because = hasFailed ? whatToDo(workspace.host.env, runPlan === undefined) : null;
    return { plan, results: made, because, isSeen: false };
  });
}

/** The plan as it would be now, when something of the run's own is missing; nothing is forced, since nothing is built. */
async function planAgain(
  workspace: Workspace,
  services: readonly string[],
  runPlan: RunPlan | undefined,
  parts: readonly Part[],
): Promise<Planned | undefined> {
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
  return planServices(workspace, { services, force: [] });
}

interface Sources {
  readonly runPlan: RunPlan | undefined;
  readonly parts: readonly Part[];
  readonly again: Planned | undefined;
  readonly commit: string;
}

/** What the run made of one service. */
function gather(service: Service, sources: Sources): ServiceResult {
  const found = service.platforms.map((platform) => findImage(service, platform, sources));
  const files = undefined;
  const faults = found.flatMap((each) => ("fault" in each ? [each.fault] : []));
  const [fault] = faults.toSorted((left, right) => weight(left) - weight(right));
  if (fault !== undefined) return { service, files, outcome: fault, image: undefined };
  const image = assemble(found.flatMap((each) => ("fault" in each ? [] : [each])));
  const solves = image.platforms.flatMap(({ solve }) => solve ?? []);
  if (image.index === undefined) throw new Error("what was found in parts and registry is published");
  const { digest } = image.index;
  if (solves.length === 0) return { service, files, outcome: { kind: "reused", digest }, image };
  const seconds = Math.max(...solves.map((solve) => solve.seconds));
  const kept = image.platforms.every((platform) => platform.kept || platform.solve === undefined);
  return { service, files, outcome: { kind: "built", digest, seconds, kept }, image };
}

type Fault = Extract<ServiceResult["outcome"], { kind: "failed" | "cancelled" }>;

/** A failure is told before what came of it. */
function weight({ kind }: Fault): number {
  return kind === "failed" ? 0 : 1;
}

/** One platform: what the plan reused, else what a part built, else what is under the fingerprint now. */
function findImage(
  service: Service,
  platform: Platform,
  { runPlan, parts, again, commit }: Sources,
): PlatformImage | { readonly fault: Fault } {
  const { name } = service;
  const reused = runPlan === undefined ? undefined : findReused(runPlan, name, platform);
  if (reused !== undefined) return asReused(reused);
  const part = findPart(parts, { commit, service: name, platform });
  if (part !== undefined) return readPart(part);
  const published = again?.decisions
    .find((each) => each.service.name === name)
    ?.platforms.find((each) => each.platform === platform)?.published;
  if (published !== undefined && isOfRun(published, name, runPlan)) return asReused(published);
  const because = `${platform}: its job left no part, and the registry has no image of the run's inputs`;
  return { fault: { kind: "failed", because, seconds: 0, log: [] } };
}

/** What the run was to make anew does when it is newer than the run's plan, and is what the plan found there otherwise. */
function isOfRun({ image }: PublishedChildren, service: string, runPlan: RunPlan | undefined): boolean {
  if (runPlan === undefined) return true;
  const step = plannedStep(runPlan, service);
  const planned = plannedPlatform(runPlan, service, image.platform)?.fingerprint ?? null;
  if (step !== undefined && replacesPublished(step.reason)) return image.builtAt >= runPlan.plannedAt;
  return planned === null || planned === image.fingerprint;
}

function asReused(published: PublishedChildren): PlatformImage {
  const { platform, fingerprint } = published.image;
  return { platform, fingerprint, published, local: undefined, solve: undefined, kept: false };
}

function readPart(part: Part): PlatformImage | { readonly fault: Fault } {
  const { platform, fingerprint, published, because, log, seconds, place } = part;
  const why = because ?? "nobody said why";
  if (part.outcome === "cancelled") return { fault: { kind: "cancelled", because: why } };
  if (part.outcome === "failed") {
    const failed = { kind: "failed", because: why, seconds: seconds ?? 0, log } as const;
    return { fault: place === null ? failed : { ...failed, place } };
  }
  if (published === null) {
    const built = `${platform}: it was built by a run that publishes nothing`;
    return { fault: { kind: "failed", because: built, seconds: 0, log: [] } };
  }
  const { kept } = part;
  return { platform, fingerprint, published, local: undefined, solve: solveOf(part), kept };
}

function solveOf({ outcome, seconds, vertices }: Part): SolveFacts | undefined {
  if (outcome !== "built" || seconds === null) return undefined;
  const { cached, ran, cachedBytes } = vertices ?? { cached: 0, ran: 0, cachedBytes: 0 };
  return { seconds, cachedVertices: cached, ranVertices: ran, cachedBytes };
}

/** What is built is kept: a re-run builds only what is missing. */
function whatToDo(env: Host["env"], isPlanGone: boolean): string {
  const run = env["GITHUB_RUN_ID"] ?? "RUN";
  return isPlanGone
    ? `the run's plan is gone: re-run all its jobs (gh run rerun ${run}); what is published is not built again`
    : `re-run the failed jobs (gh run rerun ${run} --failed); what was built is not built again`;
}
