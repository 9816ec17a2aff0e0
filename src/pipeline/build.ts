import type { Outcome } from "../event.ts";
import { errorMessage, exitCodeOf, SlipwayError } from "../errors.ts";
import type { RawManifest } from "../model/oci.ts";
import type { Platform } from "../model/platform.ts";
import type { Service } from "../model/service.ts";
import { makeLimit } from "../model/limit.ts";
import { makeServiceIndex } from "../release/service-index.ts";
import {
  type BuildContext,
  BuildFailure,
  buildPlatform,
  type PlatformImage,
  reusedPlatform,
} from "./build-platform.ts";
import { type Decision, resolveReused } from "./decide.ts";
import type { Planned } from "./plan.ts";
import type { Workspace } from "./workspace.ts";
import { type ResolvedImage, resolveImage } from "./lookups.ts";

/** What came of one service. `images` is there when it is reused or built. */
export interface ServiceResult {
  readonly service: Service;
  readonly decision: Decision;
  readonly outcome: Outcome;
  readonly image: ServiceImage | undefined;
}

/** A service's image over all its platforms. */
export interface ServiceImage {
  /** The index over the platforms; what it lists is in the registry under the service's first name, it itself may not be. */
  readonly index: RawManifest;
  readonly platforms: readonly PlatformImage[];
}

/**
 * Carries out a plan: what needs nothing starts at once, the rest when what it needs is done. One failure cancels what
 * depends on it and nothing else. Throws `interrupted` when the host's signal is aborted, after all builds have ended.
 */
export async function runPlan(
  workspace: Workspace,
  context: BuildContext | undefined,
  planned: Planned,
): Promise<ServiceResult[]> {
  const { host, emit } = workspace;
  emit({ kind: "phase", phase: "build" });
  const limit = makeLimit(context?.parallel ?? 1);
  const running = new Map<string, Promise<ServiceResult>>();
  const finish = (result: ServiceResult): ServiceResult => {
    emit({ kind: "service-ended", service: result.service.name, outcome: result.outcome });
    return result;
  };
  for (const decision of planned.decisions) {
    const needs = decision.service.needs.flatMap((need) => running.get(need) ?? []);
    const run = async (): Promise<ServiceResult> =>
      finish(await runService({ workspace, context, planned, limit }, decision, await Promise.all(needs)));
    running.set(decision.service.name, run());
  }
  const results = await Promise.all(running.values());
  if (host.signal.aborted) {
    throw new SlipwayError("interrupted", "interrupted; no visible tag moved", { hint: "run the same command again" });
  }
  return results;
}

interface Run {
  readonly workspace: Workspace;
  /** Undefined: the plan has nothing to build. */
  readonly context: BuildContext | undefined;
  readonly planned: Planned;
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
}

async function runService(run: Run, first: Decision, needs: readonly ServiceResult[]): Promise<ServiceResult> {
  const { workspace, context, planned, limit } = run;
  const { service } = first;
  const started = workspace.host.monotonic();
  const seconds = (): number => (workspace.host.monotonic() - started) / 1000;
  const missing = needs.find(({ outcome }) => outcome.kind === "failed" || outcome.kind === "cancelled");
  if (missing !== undefined) {
    const because = `${missing.service.name}, which it needs, ${missing.outcome.kind === "failed" ? "failed" : "was cancelled"}`;
    return { service, decision: first, outcome: { kind: "cancelled", because }, image: undefined };
  }
  let decision = first;
  try {
    if (first.step.kind === "pending") {
      decision = await planned.decider.decide(service);
      workspace.emit({ kind: "decided", step: decision.step });
    }
    if (decision.step.kind === "reuse") {
      const image = assemble(decision.platforms.flatMap(reusedPlatform));
      if (first.step.kind === "pending") planned.decider.finish(service, await resolveReused(workspace, decision));
      return { service, decision, outcome: { kind: "reused", digest: image.index.digest }, image };
    }
    if (context === undefined) throw new Error(`${service.name} is to be built, but the plan had nothing to build`);
    const attempts = await Promise.allSettled(
      decision.platforms.map((platform) => limit(() => buildPlatform(context, decision, platform))),
    );
    const failure = attempts.find((each) => each.status === "rejected");
    if (failure !== undefined) throw failure.reason;
    const platforms = attempts.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const image = assemble(platforms);
    await finishBuilt(workspace, planned, service, image);
    const kept = platforms.every((platform) => platform.kept);
    return {
      service,
      decision,
      outcome: { kind: "built", digest: image.index.digest, seconds: seconds(), kept },
      image,
    };
  } catch (error) {
    return { service, decision, outcome: failedOutcome(error, seconds()), image: undefined };
  }
}

function assemble(platforms: readonly PlatformImage[]): ServiceImage {
  const children = platforms.map(({ published }) => ({
    platform: published.image.platform,
    children: published.children,
  }));
  return { index: makeServiceIndex(children), platforms };
}

/** Lets services that need this one be decided by what was built. */
async function finishBuilt(
  workspace: Workspace,
  planned: Planned,
  service: Service,
  image: ServiceImage,
): Promise<void> {
  if (!planned.decisions.some((decision) => decision.service.needs.includes(service.name))) return;
  const resolved = await Promise.all(
    image.platforms.map(async ({ published }): Promise<[Platform, ResolvedImage]> => {
      const { platform, digest } = published.image;
      return [platform, await resolveImage(workspace.registry, `${service.images[0]}@${digest}`, platform)];
    }),
  );
  planned.decider.finish(service, new Map(resolved));
}

function failedOutcome(error: unknown, seconds: number): Outcome {
  if (exitCodeOf(error) === 130) return { kind: "cancelled", because: "interrupted" };
  const log = error instanceof BuildFailure ? error.log : [];
  return { kind: "failed", because: errorMessage(error), seconds, log };
}
