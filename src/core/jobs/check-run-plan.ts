import { SlipwayError } from "../../errors.ts";
import type { RunPlan } from "../planning/parts.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Throws `repository` if the checked-out commit is not the one that the run was planned for. */
export function checkRunPlan({ repository }: Workspace, { plan }: RunPlan): void {
  if (plan.commit === repository.commit) return;
  throw new SlipwayError(
    "commit-mismatch",
    `the run was planned for ${plan.commit}, and ${repository.commit} is checked out`,
    {
      hint: "check out the commit of the plan; in a workflow, all jobs of a run have the same commit",
    },
  );
}
