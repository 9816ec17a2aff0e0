import { makeServiceIndex } from "../../images/service-index.ts";
import { reusedImages } from "../../plan/plan-release.ts";
import { reusedPlatform } from "./build-platform.ts";
import type { Planned } from "../planning/plan.ts";
import { assemble, type ServiceResult } from "./service-result.ts";

/** The expected result of one service. */
export interface PlannedResult {
  readonly result: ServiceResult;
  /** Whether the image exists. If false, an empty index stands for the image that is to be built. */
  readonly isBuilt: boolean;
}

/** The expected results of a plan. Before execution only the images of reused services are known. */
export function plannedResults({ plan, observation: { state, services } }: Planned): PlannedResult[] {
  const reused = reusedImages(plan, state);
  const steps = new Map(plan.steps.map((step) => [step.service, step]));
  return services.map((service): PlannedResult => {
    const own = reused.filter((each) => each.service === service.name);
    const platforms = own.map(({ published }) => reusedPlatform(published));
    const images = assemble(platforms);
    const step = steps.get(service.name);
    const known = { service, files: undefined, reason: step?.reason };
    const isReused = step?.kind === "reuse" && platforms.length === service.platforms.length;
    if (!isReused || images.index === undefined) {
      const index = makeServiceIndex([]);
      const outcome = { kind: "built", digest: index.digest, seconds: 0, kept: false } as const;
      return { result: { ...known, outcome, index, platforms: [] }, isBuilt: false };
    }
    const outcome = { kind: "reused", digest: images.index.digest } as const;
    return { result: { ...known, outcome, ...images }, isBuilt: true };
  });
}
