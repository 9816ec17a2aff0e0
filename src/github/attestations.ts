import { fieldsOf, parseJson } from "../formats/json.ts";
import type { GitHubClient } from "./client.ts";
import { githubFault } from "./fault.ts";

/**
 * Gives signed statements to GitHub's attestations of the repository, where `gh attestation verify` looks. Throws `credentials` without
 * permission, and where the plan of a private repository has no attestations. https://docs.github.com/rest/repos/attestations#create-an-attestation
 */
export async function putAttestations({ octokit, at }: GitHubClient, bundles: readonly string[]): Promise<void> {
  for (const bundle of bundles) {
    try {
      await octokit.rest.repos.createAttestation({ ...at, bundle: fieldsOf(parseJson(bundle)) });
    } catch (error) {
      throw githubFault(
        error,
        `giving a signed statement to the attestations of ${at.owner}/${at.repo}`,
        "attestations: write",
      );
    }
  }
}
