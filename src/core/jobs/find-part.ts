import type { Platform } from "../../model/platform.ts";
import type { PlatformStep, Step } from "../../model/plan.ts";
import type { PublishedImage } from "../../model/published-image.ts";
import type { Part, RunPlan } from "../planning/parts.ts";

/** The part of a service and platform; undefined: there is none of this commit. */
export function findPart(
  parts: readonly Part[],
  wanted: Pick<Part, "commit" | "service" | "platform">,
): Part | undefined {
  return parts.find(
    ({ commit, service, platform }) =>
      commit === wanted.commit && service === wanted.service && platform === wanted.platform,
  );
}

/** The published image that the run reuses. */
export function findReused({ reused }: RunPlan, service: string, platform: Platform): PublishedImage | undefined {
  return reused.find((each) => each.service === service && each.published.platform === platform)?.published;
}

/** What the plan says of a service. */
export function plannedStep({ plan }: RunPlan, service: string): Step | undefined {
  return plan.steps.find((step) => step.service === service);
}

/** What the plan says of one platform of a service. */
export function plannedPlatform(runPlan: RunPlan, service: string, platform: Platform): PlatformStep | undefined {
  return plannedStep(runPlan, service)?.platforms.find((each) => each.platform === platform);
}
