import { makeServiceIndex } from "../release/service-index.ts";
import { assemble, type ServiceResult } from "./build.ts";
import { reusedPlatform } from "./build-platform.ts";
import type { Planned } from "./plan.ts";

/** What is to come of a service. */
export interface PlannedResult {
  readonly result: ServiceResult;
  /** False: an index over nothing stands for the image that is to be built. */
  readonly isBuilt: boolean;
}

/** What carrying out a plan is to give, as far as it is known: the images that are reused. */
export function plannedResults({ decisions }: Planned): PlannedResult[] {
  return decisions.map(({ service, step, platforms }): PlannedResult => {
    const files = platforms[0]?.read.inputs.files;
    const reused = step.kind === "reuse" ? platforms.flatMap((each) => reusedPlatform(each) ?? []) : [];
    const image = assemble(reused);
    if (step.kind !== "reuse" || reused.length < platforms.length || image.index === undefined) {
      const index = makeServiceIndex([]);
      const outcome = { kind: "built", digest: index.digest, seconds: 0, kept: false } as const;
      return { result: { service, files, outcome, image: { index, platforms: [] } }, isBuilt: false };
    }
    const outcome = { kind: "reused", digest: image.index.digest } as const;
    return { result: { service, files, outcome, image }, isBuilt: true };
  });
}
