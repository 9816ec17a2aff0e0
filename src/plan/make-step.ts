import { algorithmSetting, type InputChange } from "../model/inputs.ts";
import type { ObservedPlatform, ObservedService } from "../model/observed-state.ts";
import type { PlatformStep, Reason, Step } from "../model/plan.ts";

/** Whether a service is waited for: its image is not the one that is published now. */
export type IsAwaited = (service: string) => boolean;

/** Decides one service from what was observed: build, reuse or wait, with the reason that weighs most. `observedAt`: ISO 8601. */
export function makeStep(observed: ObservedService, observedAt: string, isAwaited: IsAwaited): Step {
  const { service, uncounted, plannedReason, held } = observed;
  if (observed.withheld !== null) return notPlannedStep(service, observed.withheld);
  const decide = (platforms: readonly ObservedPlatform[]): Reason =>
    reasonOf({ ...observed, platforms }, observedAt, isAwaited);
  const own = decide(observed.platforms);
  const kind = own.kind === "unchanged" ? "reuse" : own.kind === "waits" ? "pending" : "build";
  return {
    service,
    kind,
    platforms: observed.platforms.map((platform) => makePlatformStep(platform, own, isAwaited)),
    reason: kind === "build" ? (plannedReason ?? withoutBases(own, held === null ? own : decide(held))) : own,
    ...(uncounted.length === 0 ? {} : { uncounted }),
  };
}

/** The step of a service that is made from what may not be looked up. */
export function notPlannedStep(service: string, because: string): Step {
  return { service, kind: "not-planned", platforms: [], reason: { kind: "may-not-look-up", because } };
}

/** Whether a build takes the place of what is published under the same inputs, because it is wanted newer. */
export function replacesPublished({ kind }: Reason): boolean {
  return kind === "forced" || kind === "volatile" || kind === "too-old";
}

/**
 * Whether a service that holds its bases follows them now, because it is built in any case. A build for a new version of the
 * fingerprint's algorithm alone makes the same image again, from the same bases.
 */
export function followsBases(held: ObservedService, observedAt: string): boolean {
  const { kind, reason } = makeStep(held, observedAt, () => false);
  return kind === "build" && reason.kind !== "counted-anew";
}

/** What a held service was built for counts, not that its bases moved: they would not have had it built. */
function withoutBases(followed: Reason, held: Reason): Reason {
  return followed.kind === "base-moved" ? held : followed;
}

/** Of a service that is built, the platforms that are published stay: one that was added, or lost its image, is built alone. */
function makePlatformStep(observed: ObservedPlatform, reason: Reason, isAwaited: IsAwaited): PlatformStep {
  const { platform, found } = observed;
  const isReused = found.kind === "published" && reason.kind !== "waits" && !replacesPublished(reason);
  const fingerprint = waitsFor(observed, isAwaited).length === 0 ? observed.fingerprint : null;
  return { platform, fingerprint, image: isReused ? `${found.name}@${found.digest}` : null };
}

function waitsFor({ startsFrom }: ObservedPlatform, isAwaited: IsAwaited): string[] {
  return startsFrom
    .filter(({ service, digest }) => digest === null || isAwaited(service))
    .map(({ service }) => service);
}

function reasonOf(observed: ObservedService, observedAt: string, isAwaited: IsAwaited): Reason {
  const { platforms, refreshSeconds, plannedReason } = observed;
  if (observed.forced) return { kind: "forced" };
  for (const { volatile } of platforms) {
    if (volatile !== null) return { kind: "volatile", because: volatile.because };
  }
  // What was too old when the run was planned is built, whatever became of its age since.
  if (plannedReason !== null && replacesPublished(plannedReason)) return plannedReason;
  const awaited = new Set(platforms.flatMap((platform) => waitsFor(platform, isAwaited)));
  if (awaited.size > 0) return { kind: "waits", for: [...awaited].sort() };
  for (const { found } of platforms) {
    if (found.kind === "not-whole") return { kind: "not-whole", missing: found.missing };
  }
  const reason = whyMissing(platforms);
  if (reason !== undefined) return reason;
  for (const { found } of platforms) {
    if (found.kind !== "published" || refreshSeconds === null) continue;
    const { builtAt } = found;
    const age = (Date.parse(observedAt) - Date.parse(builtAt)) / 1000;
    if (age > refreshSeconds) return { kind: "too-old", builtAt, refreshSeconds };
  }
  return { kind: "unchanged" };
}

/** Why images are missing; undefined: none is. A change weighs more than that a platform has none, or that inputs are counted anew. */
function whyMissing(platforms: readonly ObservedPlatform[]): Reason | undefined {
  const missing = platforms.filter(({ found }) => found.kind === "missing");
  const reasons = missing.map(({ changes }) => missingReason(changes));
  const change = reasons.find(({ kind }) => kind !== "counted-anew" && kind !== "no-image");
  if (change !== undefined) return change;
  const without = missing.filter((_, at) => reasons[at]?.kind === "no-image").map(({ platform }) => platform);
  if (without.length === 0) return reasons[0];
  return without.length === platforms.length ? { kind: "no-image" } : { kind: "platform-missing", platforms: without };
}

function missingReason(changes: readonly InputChange[] | null): Reason {
  if (changes === null || changes.length === 0) return { kind: "no-image" };
  const inputs = changes.filter(({ what, name }) => what !== "setting" || name !== algorithmSetting);
  if (inputs.length === 0) return { kind: "counted-anew" };
  if (inputs.every((change) => change.what === "base")) {
    return { kind: "base-moved", bases: inputs.map((change) => change.name) };
  }
  return { kind: "inputs-changed", changes };
}
