import type { GitHubClient } from "./client.ts";
import { githubFault } from "./fault.ts";

/** One comment of Slipway's on a pull request. */
export interface OwnComment {
  /** The pull request's number. */
  readonly number: number;
  /** The marker of the comment: `slipway:preview`. It is written as an HTML comment, which GitHub does not show. */
  readonly marker: string;
  /** Markdown. */
  readonly body: string;
}

const permission = "pull-requests: write";

/** Fields of a comment that are read. https://docs.github.com/rest/issues/comments#list-issue-comments */
interface SeenComment {
  readonly body?: string | undefined;
  readonly user: { readonly type: string } | null;
  readonly author_association?: string | undefined;
}

/** Creates or updates the comment, and returns its address. Throws `credentials` without permission. */
export async function upsertComment(client: GitHubClient, comment: OwnComment): Promise<string> {
  const { octokit, at } = client;
  const { number, body } = comment;
  const text = `${renderMarker(comment)}\n${body}`;
  try {
    const existing = await findComment(client, comment);
    if (existing?.body === text) return existing.html_url;
    const { data } =
      existing === undefined
        ? await octokit.rest.issues.createComment({ ...at, issue_number: number, body: text })
        : await octokit.rest.issues.updateComment({ ...at, comment_id: existing.id, body: text });
    return data.html_url;
  } catch (error) {
    throw githubFault(error, `commenting on pull request #${number} of ${at.owner}/${at.repo}`, permission);
  }
}

interface FoundComment {
  readonly id: number | bigint;
  readonly html_url: string;
  readonly body?: string | undefined;
}

async function findComment(
  { octokit, at }: GitHubClient,
  comment: Pick<OwnComment, "number" | "marker">,
): Promise<FoundComment | undefined> {
  const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
    ...at,
    issue_number: comment.number,
    per_page: 100,
  });
  for await (const { data } of pages) {
    const found = data.find((each) => isOwnComment(each, comment));
    if (found !== undefined) return found;
  }
  return undefined;
}

const mayWrite = new Set(["OWNER", "MEMBER", "COLLABORATOR"]);

/**
 * Whether a comment with the marker is Slipway's. Anyone can write the marker: without this check, a user without write access could get
 * their own comment filled, and change it later.
 */
export function isOwnComment(
  { body, user, author_association: association = "" }: SeenComment,
  comment: Pick<OwnComment, "marker">,
): boolean {
  const isTrusted = user?.type === "Bot" || mayWrite.has(association);
  return isTrusted && body?.startsWith(renderMarker(comment)) === true;
}

function renderMarker({ marker }: Pick<OwnComment, "marker">): string {
  return `<!-- ${marker} -->`;
}
