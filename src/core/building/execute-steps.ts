import { errorMessage, hasKind, isInterruption, SlipwayError } from "../../errors.ts";
import type { Outcome } from "../../event.ts";
import type { PinnedBase } from "../../inputs/request.ts";
import { makeLimit } from "../../model/limit.ts";
import type { Step } from "../../model/plan.ts";
import type { Platform } from "../../model/platform.ts";
import type { Service } from "../../model/service.ts";
import { settleAll } from "../../model/settle.ts";
import { explainStep } from "../../plan/explain.ts";
import { replacesPublished } from "../../plan/make-step.ts";
import { planRelease, reusedImages } from "../../plan/plan-release.ts";
import type { BuildContext } from "./build-context.ts";
import { BuildFailure, buildPlatform, type PlatformResult, reusedPlatform } from "./build-platform.ts";
import { throwIfInterrupted } from "../workspace/interrupted.ts";
import { resolveImage } from "../planning/lookups.ts";
import { type Observation, observe } from "../planning/observe.ts";
import type { Observer } from "../planning/observer.ts";
import type { Planned } from "../planning/plan.ts";
import { assemble, hasImage, noImages, type ServiceResult } from "./service-result.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * Executes a plan's steps in parallel; each starts when the services that it needs are done. A failure cancels the services that depend on
 * the failed one and no others. `context`: undefined where the plan has nothing to build. Throws `interrupted` when the host's signal is
 * aborted, after all builds have ended.
 */
export async function executeSteps(
  observer: Observer,
  { plan, observation }: Planned,
  context: BuildContext | undefined,
): Promise<ServiceResult[]> {
  const { host, emit } = observer.workspace;
  emit({ kind: "phase", phase: "build" });
  const limit = makeLimit(context?.parallel ?? 1);
  const undecided = new Set(plan.steps.filter(({ kind }) => kind !== "reuse").map(({ service }) => service));
  const images = new Map([...observation.images].filter(([name]) => !undecided.has(name)));
  const run: Run = { observer, observation, context, limit, images };
  const running = new Map<string, Promise<ServiceResult>>();
  for (const [at, service] of observation.services.entries()) {
    const step = plan.steps[at];
    if (step?.service !== service.name) throw new Error(`the plan has no step for ${service.name}`);
    const needs = service.needs.flatMap((need) => running.get(need) ?? []);
    const execute = async (): Promise<ServiceResult> => {
      const result = await executeStep(run, { service, step }, await Promise.all(needs));
      emit({ kind: "service-ended", service: service.name, outcome: result.outcome });
      return result;
    };
    running.set(service.name, execute());
  }
  const results = await Promise.all(running.values());
  throwIfInterrupted(host.signal, "interrupted; no visible tag moved");
  return results;
}

interface Run {
  readonly observer: Observer;
  /** Observation that the plan was made from. */
  readonly observation: Observation;
  readonly context: BuildContext | undefined;
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  /** Images of finished services by platform, for the services that start from them. */
  readonly images: Map<string, ReadonlyMap<Platform, PinnedBase>>;
}

/** A service with its step. */
interface Task {
  readonly service: Service;
  readonly step: Step;
}

async function executeStep(run: Run, task: Task, needs: readonly ServiceResult[]): Promise<ServiceResult> {
  const { service, step: first } = task;
  const { host } = run.observer.workspace;
  const files = filesOf(run.observation, service);
  const cancelled = whyCancelled(first, needs);
  if (cancelled !== undefined) {
    return { service, files, reason: first.reason, outcome: { kind: "cancelled", because: cancelled }, ...noImages };
  }
  const started = host.monotonic();
  const seconds = (): number => (host.monotonic() - started) / 1000;
  try {
    const { step, observation } = await decideWaiting(run, task);
    const platforms = await makePlatforms(run, { service, step }, observation);
    const { index } = assemble(platforms);
    const result = { service, files: filesOf(observation, service), reason: step.reason, platforms, index };
    await rememberImage(run, service, platforms);
    if (step.kind === "reuse" && index !== undefined) {
      return { ...result, outcome: { kind: "reused", digest: index.digest } };
    }
    const kept = platforms.every((platform) => platform.kept || platform.solve === undefined);
    return { ...result, outcome: { kind: "built", digest: index?.digest ?? null, seconds: seconds(), kept } };
  } catch (error) {
    return { service, files, reason: first.reason, outcome: failedOutcome(error, seconds()), ...noImages };
  }
}

function filesOf({ reads }: Observation, { name, platforms }: Service): ServiceResult["files"] {
  return platforms[0] === undefined ? undefined : reads.get(name)?.get(platforms[0])?.inputs.files;
}

/** Why a step is not executed; undefined: it is executed. */
function whyCancelled(step: Step, needs: readonly ServiceResult[]): string | undefined {
  const missing = needs.find((need) => !hasImage(need));
  if (missing !== undefined) {
    return `${missing.service.name}, which it needs, ${missing.outcome.kind === "failed" ? "failed" : "was cancelled"}`;
  }
  return step.kind === "not-planned" ? `not planned: ${explainStep(step)}` : undefined;
}

/**
 * Re-decides a service whose fingerprint was unknown, now that the services that it needs are done: observes it again and plans it by the
 * same function. A forced service is observed again too, because its base digests come from its needs.
 */
async function decideWaiting(
  { observer, observation, images }: Run,
  { service, step }: Task,
): Promise<{ readonly step: Step; readonly observation: Observation }> {
  if (step.platforms.every(({ fingerprint }) => fingerprint !== null)) return { step, observation };
  const again = await observe(observer, [service], images);
  const [decided] = planRelease(again.state).steps;
  if (decided === undefined) throw new Error(`${service.name} was observed, but the plan has no step for it`);
  observer.workspace.emit({ kind: "decided", step: decided });
  return { step: decided, observation: again };
}

/** Takes the reused platforms and builds the others. If one build fails, waits for the rest before it throws. */
async function makePlatforms(
  { context, limit }: Run,
  { service, step }: Task,
  { state, reads }: Observation,
): Promise<PlatformResult[]> {
  const reused = new Map(
    reusedImages({ steps: [step] }, state).map(({ published }) => [published.platform, published]),
  );
  return settleAll(
    step.platforms.map(async ({ platform }) => {
      const published = reused.get(platform);
      if (published !== undefined) return reusedPlatform(published);
      const read = reads.get(service.name)?.get(platform);
      if (read === undefined) throw new Error(`${service.name} was not read for ${platform}`);
      if (context === undefined) throw new Error("a service is to be built, but the plan had nothing to build");
      const replaces = replacesPublished(step.reason);
      return limit(() => buildPlatform(context, { service, platform, read, replaces }));
    }),
  );
}

/** Keeps the image of a service that other services need, so that those can be observed. */
async function rememberImage(run: Run, service: Service, platforms: readonly PlatformResult[]): Promise<void> {
  const isNeeded = run.observation.services.some(({ needs }) => needs.includes(service.name));
  if (!isNeeded || run.images.has(service.name)) return;
  const resolved = await Promise.all(
    platforms.map(async (each): Promise<[Platform, PinnedBase]> => [
      each.platform,
      await resolveBuilt(run.observer.workspace, each),
    ]),
  );
  run.images.set(service.name, new Map(resolved));
}

/** Resolves an image of this run to the base that services starting from it are built on. */
async function resolveBuilt(
  { registry }: Workspace,
  { platform, published, local }: PlatformResult,
): Promise<PinnedBase> {
  if (local !== undefined) return local;
  if (published === undefined) throw new Error("the image is neither in the registry nor on this machine");
  return resolveImage(registry, `${published.name}@${published.digest}`, platform);
}

function failedOutcome(error: unknown, seconds: number): Outcome {
  if (isInterruption(error)) return { kind: "cancelled", because: "interrupted" };
  const { kind: errorKind, hint } =
    error instanceof SlipwayError ? error : { kind: "failed" as const, hint: undefined };
  const registry = hasKind(error, "registry-denied") ? error.data.registry : undefined;
  const refused = registry === undefined ? {} : { registry };
  const reason = { because: errorMessage(error), ...refused, ...(hint === undefined ? {} : { hint }) };
  const failed = { kind: "failed", errorKind, ...reason, seconds } as const;
  if (!(error instanceof BuildFailure)) return { ...failed, log: [] };
  const { log, place } = error;
  return { ...failed, log, ...(place === undefined ? {} : { place }) };
}
