import type { GitHubClient } from "./client.ts";
import { isStatus } from "./fault.ts";

/** The commit that a tag is at, annotated or not; undefined: it is not there. https://docs.github.com/rest/git/refs#get-a-reference */
export async function readTagCommit({ octokit, at }: GitHubClient, tag: string): Promise<string | undefined> {
  try {
    let { object } = (await octokit.rest.git.getRef({ ...at, ref: `tags/${tag}` })).data;
    while (object.type === "tag") ({ object } = (await octokit.rest.git.getTag({ ...at, tag_sha: object.sha })).data);
    return object.sha;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}
