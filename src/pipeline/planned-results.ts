import { makeServiceIndex } from "../release/service-index.ts";
import { assemble, type ServiceResult } from "./build.ts";
import { reusedPlatform } from "./build-platform.ts";
import type { Planned } from "./plan.ts";

/** The expected result of one service. */
export interface PlannedResult {
  readonly result: ServiceResult;
  /** False: an index over nothing stands for the image that is to be built. */
  readonly isBuilt: boolean;
}

/** The expected results of a plan. Only the images that are reused are known before it is carried out. */
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
