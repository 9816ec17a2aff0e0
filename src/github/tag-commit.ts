import type { GitHubClient } from "./client.ts";
import { githubFault, isStatus } from "./fault.ts";

/** The commit that a tag is at, annotated or not; undefined: it is not there. https://docs.github.com/rest/git/refs#get-a-reference */
export async function readTagCommit({ octokit, at }: GitHubClient, tag: string): Promise<string | undefined> {
  try {
    let { object } = (await octokit.rest.git.getRef({ ...at, ref: `tags/${tag}` })).data;
    while (object.type === "tag") ({ object } = (await octokit.rest.git.getTag({ ...at, tag_sha: object.sha })).data);
    return object.sha;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    // Whoever asks is about to write the tag's release: what that needs is named at once.
    throw githubFault(error, `reading the tag ${tag} of ${at.owner}/${at.repo}`, "contents: write");
  }
}
