import type { CacheUse, Event } from "../../event.ts";
import { definitionFields, differingFields } from "../../inputs/definition-fields.ts";
import type { Reason } from "../../model/plan.ts";
import type { Platform } from "../../model/platform.ts";
import type { CacheSetting, Service } from "../../model/service.ts";
import type { PublishedImage } from "../../model/published-image.ts";
import { type BuilderChoice, executePlan } from "../building/execute-plan.ts";
import type { SolveFacts } from "../building/build-platform.ts";
import { findPart, findReused, plannedPlatform, plannedStep } from "./find-part.ts";
import { attesterOf } from "./attester-of-run.ts";
import type { Part, RunPlan } from "../planning/parts.ts";
import { makeObserver } from "../planning/observer.ts";
import { checkNames, type Planned, planServices } from "../planning/plan.ts";
import type { ServiceResult } from "../building/service-result.ts";
import { checkRunPlan } from "./check-run-plan.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** One job of a matrix. */
export interface PartRequest {
  readonly service: string;
  readonly platform: Platform;
  readonly runPlan: RunPlan;
  /** Parts of earlier rounds, among them those of the services that this service needs. */
  readonly parts: readonly Part[];
  /** Cache setting of the job; undefined: the service's own setting. */
  readonly cache: CacheSetting | undefined;
  readonly builder: BuilderChoice;
}

/**
 * Builds one platform of a service as the run's plan says: from the planned bases, and from the images of the run's parts. A pending
 * service is decided here and may be reused. A service that fails or is cancelled is returned as a part too, with its `outcome`.
 */
export async function buildPart(workspace: Workspace, request: PartRequest): Promise<Part> {
  const { runPlan, service: name } = request;
  checkRunPlan(workspace, runPlan);
  checkNames(workspace.project.services, [name]);
  const recorder = recordCacheUses(workspace);
  const empty = emptyPart(request);
  const service = workspace.project.services.find((each) => each.name === name);
  const missing = service === undefined ? undefined : missingNeed(service, request);
  if (missing !== undefined) {
    workspace.emit({ kind: "service-ended", service: name, outcome: { kind: "cancelled", because: missing } });
    return { ...empty, outcome: "cancelled", because: missing };
  }
  const known = knownImages(workspace, request);
  const observer = makeObserver(recorder.workspace, observerRequest(request, known));
  const planned = await planServices(observer, { services: [name], platform: request.platform, known });
  warnOfOtherInputs(workspace, request, planned);
  const results = await executePlan(observer, planned, {
    parallel: undefined,
    cache: request.cache,
    builder: request.builder,
    version: runPlan.asked.version ?? undefined,
    runPlan: runPlan.plan,
    attester: attesterOf(workspace, runPlan),
    preview: runPlan.preview ?? undefined,
  });
  const result = results.find((each) => each.service.name === name);
  return result === undefined ? empty : { ...empty, ...describePart(result), ...recorder.usesOf(name) };
}

function emptyPart({ service, platform, runPlan }: PartRequest): Part {
  return {
    version: 1,
    commit: runPlan.plan.commit,
    service,
    platform,
    fingerprint: plannedPlatform(runPlan, service, platform)?.fingerprint ?? null,
    outcome: "failed",
    digest: null,
    published: null,
    kept: false,
    seconds: null,
    vertices: null,
    cache: [],
    because: null,
    errorKind: null,
    hint: null,
    log: [],
    place: null,
  };
}

/** Why a service that this one needs has no image, in a run that publishes; undefined: all needs have images. */
function missingNeed(service: Service, { runPlan, parts, platform }: PartRequest): string | undefined {
  if (!runPlan.publishes) return undefined;
  for (const need of service.needs) {
    const step = plannedStep(runPlan, need);
    const isBuilt =
      step !== undefined && step.kind !== "reuse" && plannedPlatform(runPlan, need, platform) !== undefined;
    if (!isBuilt || findReused(runPlan, need, platform) !== undefined) continue;
    const part = findPart(parts, { commit: runPlan.plan.commit, service: need, platform });
    if (part === undefined) {
      return `${need}, which it needs, is not built for ${platform}: its job left no result. Re-run the failed jobs; if the workflow builds both at once, run \`slipway init\` again`;
    }
    if (part.published === null) {
      const because = part.because === null ? "" : `: ${part.because}`;
      return `${need}, which it needs, ${part.outcome === "cancelled" ? "was cancelled" : "failed"}${because}`;
    }
  }
  return undefined;
}

/** Published images of the services that this one needs. A run that publishes nothing has none and builds the needs in this job too. */
function knownImages(
  workspace: Workspace,
  { service, platform, runPlan, parts }: PartRequest,
): ReadonlyMap<string, readonly PublishedImage[]> {
  const { commit } = runPlan.plan;
  const known = new Map<string, PublishedImage[]>();
  for (const need of workspace.project.services) {
    if (need.name === service) continue;
    const images = need.platforms.flatMap((on) => {
      const part = findPart(parts, { commit, service: need.name, platform: on });
      return findReused(runPlan, need.name, on) ?? part?.published ?? [];
    });
    if (images.some((image) => image.platform === platform)) known.set(need.name, images);
  }
  return known;
}

function observerRequest(
  { runPlan }: PartRequest,
  known: ReadonlyMap<string, readonly PublishedImage[]>,
): Parameters<typeof makeObserver>[1] {
  const force = runPlan.forced.filter((name) => !known.has(name));
  const reasons = runPlan.plan.steps.flatMap(({ service: name, kind, reason }): [string, Reason][] =>
    kind === "build" ? [[name, reason]] : [],
  );
  const { pins, preview } = runPlan;
  return { force, pins, preview: preview ?? undefined, plannedReasons: new Map(reasons) };
}

/** Warns if this job reads other inputs than the planning job did, although both use the same pins. Names the fields that differ. */
function warnOfOtherInputs(
  workspace: Workspace,
  { service, platform, runPlan }: PartRequest,
  { observation }: Planned,
): void {
  const before = plannedPlatform(runPlan, service, platform)?.fingerprint ?? null;
  const read = observation.reads.get(service)?.get(platform);
  const now = read?.inputs.fingerprint ?? null;
  if (before === null || now === null || before === now || read === undefined) return;
  const planned = runPlan.definitions?.find((each) => each.service === service && each.platform === platform)?.fields;
  const fields = planned === undefined ? [] : differingFields(planned, definitionFields(read.definition));
  const what = fields.length === 0 ? "its inputs differ" : `its ${fields.join(", ")} differ`;
  const message = `${service} ${platform} has the fingerprint ${now} in this job, and had ${before} where the run was planned: ${what}; it is built from the inputs of this job`;
  workspace.emit({ kind: "warning", message, service });
}

function describePart({ outcome, reason, platforms: [only] }: ServiceResult): Partial<Part> & Pick<Part, "outcome"> {
  switch (outcome.kind) {
    case "reused":
    case "built": {
      const { published, local, solve, kept = false } = only ?? {};
      return {
        outcome: outcome.kind,
        fingerprint: only?.fingerprint ?? null,
        digest: published?.digest ?? local?.digest ?? null,
        published: published ?? null,
        kept,
        seconds: solve === undefined ? null : Math.round(solve.seconds * 1000) / 1000,
        vertices: solve === undefined ? null : verticesOf(solve),
        ...(reason === undefined ? {} : { reason }),
      };
    }
    case "failed":
      return {
        outcome: "failed",
        seconds: Math.round(outcome.seconds * 1000) / 1000,
        because: outcome.because,
        errorKind: outcome.errorKind,
        ...(outcome.registry === undefined ? {} : { registry: outcome.registry }),
        hint: outcome.hint ?? null,
        log: outcome.log,
        place: outcome.place ?? null,
      };
    case "cancelled":
      return { outcome: "cancelled", because: outcome.because };
  }
}

function verticesOf({ cachedVertices, ranVertices, cachedBytes }: SolveFacts): NonNullable<Part["vertices"]> {
  return { cached: cachedVertices, ran: ranVertices, cachedBytes };
}

/** Wraps the workspace to record cache events, so that the part of a failed solve has them too. */
function recordCacheUses(workspace: Workspace): {
  readonly workspace: Workspace;
  usesOf(service: string): Pick<Part, "cache">;
} {
  const uses: { readonly service: string; readonly use: CacheUse }[] = [];
  const emit = (event: Event): void => {
    if (event.kind === "cache") uses.push({ service: event.service, use: event.use });
    workspace.emit(event);
  };
  return {
    workspace: { ...workspace, emit },
    usesOf: (name) => ({ cache: uses.flatMap(({ service, use }) => (service === name ? [use] : [])) }),
  };
}
