import { errorMessage, isInterruption, SlipwayError } from "../../errors.ts";
import { findGitHub } from "../../github/context.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * Gives what this run signed to GitHub's attestations, beside the registry, which has it already. A fault is a warning: the release is made.
 */
export async function attestOnGitHub(workspace: Workspace, bundles: readonly string[]): Promise<void> {
  const { ci, emit, host, repository } = workspace;
  const context = findGitHub(workspace, repository.remote);
  // Only what a job signed is known to GitHub; a key's signature is not.
  if (bundles.length === 0 || !ci.isJob || context?.token === undefined) return;
  try {
    const [{ makeGitHubClient }, { putAttestations }] = await Promise.all([
      import("../../github/client.ts"),
      import("../../github/attestations.ts"),
    ]);
    const client = makeGitHubClient(host, { ...context, token: context.token, emit });
    await putAttestations(client, [...new Set(bundles)]);
  } catch (error) {
    if (isInterruption(error)) throw error;
    const hint = error instanceof SlipwayError && error.hint !== undefined ? ` (${error.hint})` : "";
    const rest = "the statements are in the registry, and `gh attestation verify --bundle-from-oci` finds them there";
    emit({ kind: "warning", message: `${errorMessage(error)}${hint}; ${rest}` });
  }
}
