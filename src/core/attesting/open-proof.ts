import type { TrustPolicy } from "../../attestation/judge.ts";
import type { BundleVerifier } from "../../sigstore/verifier.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { openVerifier } from "./open-verifier.ts";
import { makeTrustPolicy } from "./trust-policy.ts";

/** What a run verifies with, and whom it trusts. */
export interface OpenedProof {
  readonly verifier: BundleVerifier;
  readonly policy: TrustPolicy;
}

/** Opens what a release is verified with. What this very run built counts on whatever ref it runs. */
export async function openProof(workspace: Workspace): Promise<OpenedProof> {
  const { ref } = workspace.ci;
  const { verifier, keys } = await openVerifier(workspace);
  return { verifier, policy: makeTrustPolicy(workspace, keys, ref === "" ? [] : [ref]) };
}
