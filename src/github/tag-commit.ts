import type { GitHubClient } from "./client.ts";
import { githubFault, isStatus } from "./fault.ts";

/**
 * Reads the commit of a tag, annotated or not; undefined when there is no such tag. https://docs.github.com/rest/git/refs#get-a-reference
 */
export async function readTagCommit({ octokit, at }: GitHubClient, tag: string): Promise<string | undefined> {
  try {
    let { object } = (await octokit.rest.git.getRef({ ...at, ref: `tags/${tag}` })).data;
    while (object.type === "tag") ({ object } = (await octokit.rest.git.getTag({ ...at, tag_sha: object.sha })).data);
    return object.sha;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    // The caller is about to write the tag's release, so the message names the permission for that.
    throw githubFault(error, `reading the tag ${tag} of ${at.owner}/${at.repo}`, "contents: write");
  }
}
