import type { ObservedState } from "../model/observed-state.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { PublishedImage } from "../model/published-image.ts";
import { makeStep, notPlannedStep } from "./make-step.ts";

/**
 * Decides every service of a graph. What starts from an image that is built waits for it: its own inputs are not known before. What
 * needs a service that is not planned is not planned either.
 */
export function planRelease({ commit, observedAt, services }: ObservedState): Plan {
  const steps = new Map<string, Step>();
  const isAwaited = (name: string): boolean => {
    const kind = steps.get(name)?.kind;
    return kind !== undefined && kind !== "reuse";
  };
  for (const observed of services) {
    const { service, needs } = observed;
    const left = needs.find((need) => steps.get(need)?.kind === "not-planned");
    const step =
      left === undefined
        ? makeStep(observed, observedAt, isAwaited)
        : notPlannedStep(service, `it needs ${left}, which is not planned`);
    steps.set(service, step);
  }
  return { version: 1, commit, steps: [...steps.values()] };
}

/** The published images that a plan of this state reuses; of a service that is built, those of its other platforms. */
export function reusedImages(
  { steps }: Pick<Plan, "steps">,
  { services }: Pick<ObservedState, "services">,
): { readonly service: string; readonly published: PublishedImage }[] {
  const observed = new Map(services.map((each) => [each.service, each.platforms]));
  return steps.flatMap(({ service, platforms }) =>
    platforms.flatMap(({ platform, image }) => {
      const found = observed.get(service)?.find((each) => each.platform === platform)?.found;
      return image === null || found?.kind !== "published" ? [] : [{ service, published: found }];
    }),
  );
}
