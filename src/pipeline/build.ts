import type { LookedUpImage } from "../inputs/inputs.ts";
import type { Outcome } from "../event.ts";
import { errorMessage, exitCodeOf, SlipwayError } from "../errors.ts";
import type { InputFile } from "../model/inputs.ts";
import type { RawManifest } from "../model/oci.ts";
import type { Platform } from "../model/platform.ts";
import type { Service } from "../model/service.ts";
import { makeLimit } from "../model/limit.ts";
import { settleAll } from "../model/settle.ts";
import { explainStep } from "../plan/explain.ts";
import { makeServiceIndex } from "../release/service-index.ts";
import {
  type BuildContext,
  BuildFailure,
  buildPlatform,
  type PlatformImage,
  reusedPlatform,
} from "./build-platform.ts";
import { type Decision, resolveReused } from "./decide.ts";
import { throwIfInterrupted } from "./interrupted.ts";
import { resolveImage } from "./lookups.ts";
import type { Planned } from "./plan.ts";
import type { Workspace } from "./workspace.ts";

/** What came of one service. `image` is there when it is reused or built. */
export interface ServiceResult {
  readonly service: Service;
  /** The files that its build reads; undefined where nothing read them. */
  readonly files: readonly InputFile[] | undefined;
  readonly outcome: Outcome;
  readonly image: ServiceImage | undefined;
}

/** A service's image over all its platforms. */
export interface ServiceImage {
  /**
   * The index over the platforms; what it lists is in the registry under the service's first name, it itself may not be. Undefined:
   * the run publishes nothing, and built some of it.
   */
  readonly index: RawManifest | undefined;
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
  throwIfInterrupted(host.signal, "interrupted; no visible tag moved");
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
  const { service } = first;
  const missing = needs.find(({ image }) => image === undefined);
  if (missing !== undefined) {
    const because = `${missing.service.name}, which it needs, ${missing.outcome.kind === "failed" ? "failed" : "was cancelled"}`;
    return { service, files: filesOf(first), outcome: { kind: "cancelled", because }, image: undefined };
  }
  if (first.step.kind === "not-planned") {
    const outcome = { kind: "cancelled", because: `not planned: ${explainStep(first.step)}` } as const;
    return { service, files: undefined, outcome, image: undefined };
  }
  const { host } = run.workspace;
  const started = host.monotonic();
  const seconds = (): number => (host.monotonic() - started) / 1000;
  let decision = first;
  try {
    decision = await decideWhenWaiting(run, first);
    const platforms = await makePlatforms(run, decision);
    const image = assemble(platforms);
    const files = filesOf(decision);
    if (decision.step.kind === "reuse" && image.index !== undefined) {
      if (decision !== first) run.planned.decider.finish(service, await resolveReused(run.workspace, decision));
      return { service, files, outcome: { kind: "reused", digest: image.index.digest }, image };
    }
    await finishBuilt(run, service, image);
    const kept = platforms.every((platform) => platform.kept || platform.solve === undefined);
    const outcome = { kind: "built", digest: image.index?.digest ?? null, seconds: seconds(), kept } as const;
    return { service, files, outcome, image };
  } catch (error) {
    return { service, files: filesOf(decision), outcome: failedOutcome(error, seconds()), image: undefined };
  }
}

function filesOf({ platforms }: Decision): readonly InputFile[] | undefined {
  return platforms[0]?.read.inputs.files;
}

/** What waited for others is decided now that they are done; also what is built in any case: from which images, they say. */
async function decideWhenWaiting({ workspace, planned }: Run, first: Decision): Promise<Decision> {
  if (first.platforms.every(({ read }) => read.waitsFor.length === 0)) return first;
  const decision = await planned.decider.decide(first.service);
  workspace.emit({ kind: "decided", step: decision.step });
  return decision;
}

/** The platforms that are reused, and the others built; when one fails, the rest is waited for. */
async function makePlatforms({ context, limit }: Run, decision: Decision): Promise<PlatformImage[]> {
  return settleAll(
    decision.platforms.map(async (platform) => {
      const reused = reusedPlatform(platform);
      if (reused !== undefined) return reused;
      if (context === undefined) throw new Error("a service is to be built, but the plan had nothing to build");
      return limit(() => buildPlatform(context, decision, platform));
    }),
  );
}

/** An image over platforms, as far as it is in the registry. */
export function assemble(platforms: readonly PlatformImage[]): ServiceImage {
  const children = platforms.flatMap(({ platform, published }) =>
    published === undefined ? [] : [{ platform, children: published.children }],
  );
  return { index: children.length < platforms.length ? undefined : makeServiceIndex(children), platforms };
}

/** Lets services that need this one be decided by what was built. */
async function finishBuilt({ workspace, planned }: Run, service: Service, image: ServiceImage): Promise<void> {
  if (!planned.decisions.some((decision) => decision.service.needs.includes(service.name))) return;
  const resolved = await Promise.all(
    image.platforms.map(async (each): Promise<[Platform, LookedUpImage]> => [
      each.platform,
      await resolveBuilt(workspace, each),
    ]),
  );
  planned.decider.finish(service, new Map(resolved));
}

/** An image of this run, as those that start from it need it. */
async function resolveBuilt(
  { registry }: Workspace,
  { platform, published, local }: PlatformImage,
): Promise<LookedUpImage> {
  if (local !== undefined) return local.resolved;
  if (published === undefined) throw new Error("what others start from is in the registry or on this machine");
  return resolveImage(registry, `${published.name}@${published.image.digest}`, platform);
}

function failedOutcome(error: unknown, seconds: number): Outcome {
  if (exitCodeOf(error) === 130) return { kind: "cancelled", because: "interrupted" };
  const { code, hint } = error instanceof SlipwayError ? error : { code: "failed" as const, hint: undefined };
  const said = { because: errorMessage(error), ...(hint === undefined ? {} : { hint }) };
  const failed = { kind: "failed", code, ...said, seconds } as const;
  if (!(error instanceof BuildFailure)) return { ...failed, log: [] };
  const { log, place } = error;
  return { ...failed, log, ...(place === undefined ? {} : { place }) };
}
