import { algorithmSetting, type Fingerprint, type InputChange, type UncountedInput } from "../model/inputs.ts";
import type { Platform } from "../model/platform.ts";
import type { PlatformStep, Reason, Step } from "../model/plan.ts";
import type { FoundImage } from "../model/published-image.ts";

/** What is known of one service on one platform when the decision is made. */
export interface PlatformFacts {
  readonly platform: Platform;
  /** Null while it waits for services that are not done. */
  readonly fingerprint: Fingerprint | null;
  readonly waitsFor: readonly string[];
  readonly volatile: { readonly because: string } | null;
  readonly found: FoundImage;
  /** What changed since the image that was released last; undefined: never released, or its inputs are not known. */
  readonly changes: readonly InputChange[] | undefined;
}

/** What is known of one service when it is decided. */
export interface ServiceFacts {
  readonly service: string;
  readonly forced: boolean;
  readonly refreshSeconds: number | undefined;
  readonly platforms: readonly PlatformFacts[];
  readonly uncounted: readonly UncountedInput[];
}

/** Decides one service: build, reuse or wait, with the reason that weighs most. `now` is ISO 8601. */
export function makeStep(facts: ServiceFacts, now: string): Step {
  const reason = reasonOf(facts, now);
  const kind = reason.kind === "unchanged" ? "reuse" : reason.kind === "waits" ? "pending" : "build";
  return {
    service: facts.service,
    kind,
    platforms: facts.platforms.map((platform) => makePlatformStep(platform, reason)),
    reason,
    ...(facts.uncounted.length === 0 ? {} : { uncounted: facts.uncounted }),
  };
}

/** Whether a build takes the place of what is published under the same inputs, because it is wanted newer. */
export function replacesPublished({ kind }: Reason): boolean {
  return kind === "forced" || kind === "volatile" || kind === "too-old";
}

/** Of a service that is built, the platforms that are published stay: one that was added, or lost its image, is built alone. */
function makePlatformStep(facts: PlatformFacts, reason: Reason): PlatformStep {
  const { platform, fingerprint, found } = facts;
  const isReused = found.kind === "published" && reason.kind !== "waits" && !replacesPublished(reason);
  return { platform, fingerprint, image: isReused ? `${found.name}@${found.image.digest}` : null };
}

function reasonOf(facts: ServiceFacts, now: string): Reason {
  if (facts.forced) return { kind: "forced" };
  for (const { volatile } of facts.platforms) {
    if (volatile !== null) return { kind: "volatile", because: volatile.because };
  }
  const waitsFor = new Set(facts.platforms.flatMap((platform) => platform.waitsFor));
  if (waitsFor.size > 0) return { kind: "waits", for: [...waitsFor].sort() };
  for (const { found } of facts.platforms) {
    if (found.kind === "not-whole") return { kind: "not-whole", missing: found.missing };
  }
  const reason = whyMissing(facts.platforms);
  if (reason !== undefined) return reason;
  for (const { found } of facts.platforms) {
    if (found.kind !== "published" || facts.refreshSeconds === undefined) continue;
    const { builtAt } = found.image;
    const age = (Date.parse(now) - Date.parse(builtAt)) / 1000;
    if (age > facts.refreshSeconds) return { kind: "too-old", builtAt, refreshSeconds: facts.refreshSeconds };
  }
  return { kind: "unchanged" };
}

/** Why images are missing; undefined: none is. A change weighs more than that a platform has none, or that inputs are counted anew. */
function whyMissing(platforms: readonly PlatformFacts[]): Reason | undefined {
  const missing = platforms.filter(({ found }) => found.kind === "missing");
  const reasons = missing.map(({ changes }) => missingReason(changes));
  const change = reasons.find(({ kind }) => kind !== "counted-anew" && kind !== "no-image");
  if (change !== undefined) return change;
  const without = missing.filter((_, at) => reasons[at]?.kind === "no-image").map(({ platform }) => platform);
  if (without.length === 0) return reasons[0];
  return without.length === platforms.length ? { kind: "no-image" } : { kind: "platform-missing", platforms: without };
}

function missingReason(changes: readonly InputChange[] | undefined): Reason {
  if (changes === undefined || changes.length === 0) return { kind: "no-image" };
  const inputs = changes.filter(({ what, name }) => what !== "setting" || name !== algorithmSetting);
  if (inputs.length === 0) return { kind: "counted-anew" };
  if (inputs.every((change) => change.what === "base")) {
    return { kind: "base-moved", bases: inputs.map((change) => change.name) };
  }
  return { kind: "inputs-changed", changes };
}
