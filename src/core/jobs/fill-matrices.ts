import { addAll, largest } from "../../model/lists.ts";
import { SlipwayError } from "../../errors.ts";
import { renderCount } from "../../model/units.ts";
import type { Plan, Step } from "../../model/plan.ts";
import { matrixLimit } from "../../workflow/action-contract.ts";
import type { MatrixEntry } from "../planning/parts.ts";

/** The plan and the matrix jobs of the workflow. */
export interface MatricesRequest {
  readonly plan: Plan;
  /** Names of the services that each service needs; services outside of the plan are ignored. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** Number of matrix jobs in each round of the workflow, such as `[2, 1]`. */
  readonly matrixJobs: readonly number[];
  /**
   * Whether a service waits until the services that it needs are published. If the run publishes nothing, each job builds its own needs.
   */
  readonly waits: boolean;
}

/** The entries of each matrix job, and warnings about a workflow that has too few rounds. */
export interface Matrices {
  readonly matrices: readonly (readonly MatrixEntry[])[];
  readonly warnings: readonly string[];
}

/**
 * Assigns every platform that is built or may be built to a matrix job, in the earliest round that its needs and the room allow. Entries
 * that need more rounds than the workflow has go into the last round. Throws `configuration` when there are more entries than room.
 */
export function fillMatrices({ plan, needs, matrixJobs, waits }: MatricesRequest): Matrices {
  const rounds = matrixJobs.map((jobs) => ({ room: jobs * matrixLimit, jobs, entries: [] as MatrixEntry[] }));
  const roundOf = new Map<string, number>();
  const late: string[] = [];
  for (const step of plan.steps) {
    const entries = entriesOf(step);
    if (entries.length === 0) continue;
    const before = waits ? (needs.get(step.service) ?? []).map((need) => roundOf.get(need) ?? -1) : [];
    const earliest = largest(before.map((round) => round + 1));
    const from = Math.min(earliest, rounds.length - 1);
    const at = rounds.findIndex(({ room }, index) => index >= from && room >= entries.length);
    const round = rounds[at];
    if (round === undefined) throw tooMany(plan, matrixJobs);
    if (earliest > at) late.push(step.service);
    round.room -= entries.length;
    addAll(round.entries, entries);
    roundOf.set(step.service, at);
  }
  return {
    matrices: rounds.flatMap(({ jobs, entries }) =>
      Array.from({ length: jobs }, (_, job) => entries.slice(job * matrixLimit, (job + 1) * matrixLimit)),
    ),
    warnings: late.map(
      (service) =>
        `${service} needs services that are built in the same round, the last one of the workflow, and fails if they are not done first: run \`slipway init\` again`,
    ),
  };
}

/** Platforms of a step that are built or may be built. */
function entriesOf({ service, kind, platforms }: Step): MatrixEntry[] {
  if (kind === "reuse" || kind === "not-planned") return [];
  return platforms
    .filter(({ image }) => kind === "pending" || image === null)
    .map(({ platform }) => ({ service, platform }));
}

function tooMany(plan: Plan, matrixJobs: readonly number[]): SlipwayError {
  const count = plan.steps.reduce((sum, step) => sum + entriesOf(step).length, 0);
  const jobs = matrixJobs.reduce((sum, each) => sum + each, 0);
  const has = `${renderCount(jobs, "matrix job")} (matrix-jobs: "${matrixJobs.join(" ")}") of ${matrixLimit} entries each`;
  return new SlipwayError("workflow-outdated", `${renderCount(count, "build")} do not fit into the workflow's ${has}`, {
    hint: "run `slipway init` again: it adds a matrix job",
  });
}
