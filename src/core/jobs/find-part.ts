import type { Platform } from "../../model/platform.ts";
import type { PlatformStep, Step } from "../../model/plan.ts";
import type { PublishedImage } from "../../model/published-image.ts";
import type { Part, RunPlan } from "../planning/parts.ts";

/** The part of a service and platform; undefined: there is none for this commit. */
export function findPart(
  parts: readonly Part[],
  wanted: Pick<Part, "commit" | "service" | "platform">,
): Part | undefined {
  return parts.find(
    ({ commit, service, platform }) =>
      commit === wanted.commit && service === wanted.service && platform === wanted.platform,
  );
}

/** The published image that the run reuses for a service and platform; undefined: the run builds it. */
export function findReused({ reused }: RunPlan, service: string, platform: Platform): PublishedImage | undefined {
  return reused.find((each) => each.service === service && each.published.platform === platform)?.published;
}

/** The plan's step for a service. */
export function plannedStep({ plan }: RunPlan, service: string): Step | undefined {
  return plan.steps.find((step) => step.service === service);
}

/** The plan's decision for one platform of a service. */
export function plannedPlatform(runPlan: RunPlan, service: string, platform: Platform): PlatformStep | undefined {
  return plannedStep(runPlan, service)?.platforms.find((each) => each.platform === platform);
}
