import { largest } from "../../model/lists.ts";
import type { Reason } from "../../model/plan.ts";
import type { Platform } from "../../model/platform.ts";
import type { Service } from "../../model/service.ts";
import { replacesPublished } from "../../plan/make-step.ts";
import type { PublishedImage } from "../../model/published-image.ts";
import { type PlatformResult, reusedPlatform, type SolveFacts } from "../building/build-platform.ts";
import { findPart, findReused, plannedPlatform, plannedStep } from "./find-part.ts";
import type { Part, RunPlan } from "../planning/parts.ts";
import { assemble, noImages, type ServiceResult } from "../building/service-result.ts";

/** The sources of a run's images. */
export interface Sources {
  readonly runPlan: RunPlan | undefined;
  readonly parts: readonly Part[];
  /** Images that a new plan would reuse; they stand in for a lost plan or part. */
  readonly again: RunPlan["reused"];
  readonly commit: string;
}

/** Gathers the result of one service from the run's plan, its parts and the registry. */
export function gatherParts(service: Service, sources: Sources): ServiceResult {
  const found = service.platforms.map((platform) => findImage(service, platform, sources));
  const files = undefined;
  const reason = reasonFor(service, sources);
  const faults = found.flatMap((each) => ("fault" in each ? [each.fault] : []));
  const [fault] = faults.toSorted((left, right) => weight(left) - weight(right));
  if (fault !== undefined) return { service, files, reason, outcome: fault, ...noImages };
  const images = assemble(found.flatMap((each) => ("fault" in each ? [] : [each])));
  const solves = images.platforms.flatMap(({ solve }) => solve ?? []);
  if (images.index === undefined) throw new Error("an image of the parts or of the registry is not published");
  const { digest } = images.index;
  if (solves.length === 0) return { service, files, reason, outcome: { kind: "reused", digest }, ...images };
  const seconds = largest(solves.map((solve) => solve.seconds));
  const kept = images.platforms.every((platform) => platform.kept || platform.solve === undefined);
  return { service, files, reason, outcome: { kind: "built", digest, seconds, kept }, ...images };
}

/** The plan's reason; for a step that waited, that of the job which decided it. */
function reasonFor({ name }: Service, { runPlan, parts, commit }: Sources): Reason | undefined {
  const planned = runPlan === undefined ? undefined : plannedStep(runPlan, name)?.reason;
  if (planned !== undefined && planned.kind !== "waits") return planned;
  return parts.find((part) => part.commit === commit && part.service === name)?.reason;
}

type Fault = Extract<ServiceResult["outcome"], { kind: "failed" | "cancelled" }>;

/** Sort weight of a fault: a failure is reported before the cancellations that it caused. */
function weight({ kind }: Fault): number {
  return kind === "failed" ? 0 : 1;
}

/**
 * Finds one platform's image: the one that the plan reuses, else the one that a part built, else the one published under its fingerprint.
 */
function findImage(
  service: Service,
  platform: Platform,
  { runPlan, parts, again, commit }: Sources,
): PlatformResult | { readonly fault: Fault } {
  const { name } = service;
  const reused = runPlan === undefined ? undefined : findReused(runPlan, name, platform);
  if (reused !== undefined) return reusedPlatform(reused);
  const part = findPart(parts, { commit, service: name, platform });
  if (part !== undefined) return readPart(part);
  const published = again.find((each) => each.service === name && each.published.platform === platform)?.published;
  if (published !== undefined && isOfRun(published, name, runPlan)) return reusedPlatform(published);
  const because = `${platform}: its job left no part, and the registry has no image of the run's inputs`;
  return { fault: { kind: "failed", errorKind: "part-invalid", because, seconds: 0, log: [] } };
}

/**
 * Whether a published image may stand in for a lost part: built after the plan (forced or expired services), or published under the planned
 * fingerprint (all others).
 */
function isOfRun(image: PublishedImage, service: string, runPlan: RunPlan | undefined): boolean {
  if (runPlan === undefined) return true;
  const step = plannedStep(runPlan, service);
  const planned = plannedPlatform(runPlan, service, image.platform)?.fingerprint ?? null;
  if (step !== undefined && replacesPublished(step.reason)) return image.builtAt >= runPlan.plannedAt;
  return planned === null || planned === image.fingerprint;
}

function readPart(part: Part): PlatformResult | { readonly fault: Fault } {
  const { platform, fingerprint, published, because, log, seconds, place, hint } = part;
  const why = because ?? "its job gave no reason";
  if (part.outcome === "cancelled") return { fault: { kind: "cancelled", because: why } };
  if (part.outcome === "failed") {
    const errorKind = part.errorKind ?? "failed";
    const failed = { kind: "failed", errorKind, because: why, seconds: seconds ?? 0, log } as const;
    const refused = part.registry === undefined ? {} : { registry: part.registry };
    return {
      fault: { ...failed, ...refused, ...(hint === null ? {} : { hint }), ...(place === null ? {} : { place }) },
    };
  }
  if (published === null) {
    const built = `${platform}: it was built by a run that publishes nothing`;
    return { fault: { kind: "failed", errorKind: "part-invalid", because: built, seconds: 0, log: [] } };
  }
  const { kept } = part;
  return { platform, fingerprint, published, local: undefined, solve: solveOf(part), kept };
}

function solveOf({ outcome, seconds, vertices }: Part): SolveFacts | undefined {
  if (outcome !== "built" || seconds === null) return undefined;
  const { cached, ran, cachedBytes } = vertices ?? { cached: 0, ran: 0, cachedBytes: 0 };
  return { seconds, cachedVertices: cached, ranVertices: ran, cachedBytes };
}
