import { type Attester, makeAttester } from "../attesting/attester.ts";
import type { RunPlan } from "../planning/parts.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** The attester of a job whose run was planned in another one: what the plan says of signing counts, so that all jobs do the same. */
export function attesterOf(workspace: Workspace, { signing }: RunPlan): Attester | undefined {
  return signing === undefined ? undefined : makeAttester(workspace, signing);
}
