import type { ActionsCacheEntry } from "../model/cache-documents.ts";
import type { GitHubClient } from "./client.ts";
import { githubFault, isStatus } from "./fault.ts";

/** Lists all entries of the repository. Throws `credentials` with the permission. */
export async function listActionsCache({ octokit, at }: GitHubClient): Promise<readonly ActionsCacheEntry[]> {
  try {
    const entries = await octokit.paginate(octokit.rest.actions.getActionsCacheList, { ...at, per_page: 100 });
    return entries.flatMap(({ id, key, ref, size_in_bytes: bytes = 0, created_at, last_accessed_at }) =>
      id === undefined || key === undefined || ref === undefined
        ? []
        : [{ id, key, ref, bytes, createdAt: created_at ?? null, lastUsedAt: last_accessed_at ?? null }],
    );
  } catch (error) {
    throw githubFault(error, `listing the caches of ${at.owner}/${at.repo}`, "actions: read");
  }
}

/** Deletes an entry; false when it is gone already. Throws `credentials` with the permission. */
export async function deleteActionsCache({ octokit, at }: GitHubClient, id: number): Promise<boolean> {
  try {
    await octokit.rest.actions.deleteActionsCacheById({ ...at, cache_id: id });
    return true;
  } catch (error) {
    if (isStatus(error, 404)) return false;
    throw githubFault(error, `deleting cache ${id} of ${at.owner}/${at.repo}`, "actions: write");
  }
}

/** The numbers of all open pull requests; undefined when the token may not read them. */
export async function listOpenPullRequests({ octokit, at }: GitHubClient): Promise<ReadonlySet<number> | undefined> {
  try {
    const pulls = await octokit.paginate(octokit.rest.pulls.list, { ...at, state: "open", per_page: 100 });
    return new Set(pulls.map(({ number }) => number));
  } catch (error) {
    if (isStatus(error, 403) || isStatus(error, 404)) return undefined;
    throw githubFault(error, `listing the open pull requests of ${at.owner}/${at.repo}`, "pull-requests: read");
  }
}

/** `refs/heads/main`. */
export async function readDefaultRef({ octokit, at }: GitHubClient): Promise<string> {
  try {
    const { data } = await octokit.rest.repos.get(at);
    return `refs/heads/${data.default_branch}`;
  } catch (error) {
    throw githubFault(error, `reading ${at.owner}/${at.repo}`, "metadata: read");
  }
}
