import { matrixLimit } from "./action-contract.ts";
import type { WorkflowService } from "./facts.ts";

/** Round of services that waits for the previous round, with the number of its matrix jobs. */
export interface Round {
  readonly matrixJobs: number;
}

/** Plans the rounds: services that need no other are the first, services that need only these the second, and so on. */
export function planRounds(services: readonly WorkflowService[]): Round[] {
  const entries: number[] = [];
  const depths = new Map<string, number>();
  const depthOf = (service: WorkflowService): number => {
    const known = depths.get(service.name);
    if (known !== undefined) return known;
    // Discovery reports cycles; here they must only not recurse for ever.
    depths.set(service.name, 0);
    const needs = services.filter(({ name }) => service.needs.includes(name));
    const depth = needs.reduce((deepest, need) => Math.max(deepest, depthOf(need) + 1), 0);
    depths.set(service.name, depth);
    return depth;
  };
  for (const service of services) {
    const depth = depthOf(service);
    while (entries.length <= depth) entries.push(0);
    entries[depth] = (entries[depth] ?? 0) + service.platforms.length;
  }
  return entries.map((count) => ({ matrixJobs: Math.max(1, Math.ceil(count / matrixLimit)) }));
}
