import type { GitHubClient } from "./client.ts";
import { isStatus } from "./fault.ts";

/** Fields of a release that are read. https://docs.github.com/rest/releases/releases#get-a-release */
export interface GitHubRelease {
  readonly id: number;
  readonly html_url: string;
  readonly upload_url: string;
  readonly tag_name: string;
  readonly draft: boolean;
  readonly prerelease: boolean;
  /** Whether tag and assets are fixed since it was published. Older Enterprise Servers do not say. */
  readonly immutable?: boolean | undefined;
  readonly body?: string | null | undefined;
  readonly assets: readonly GitHubAsset[];
}

/** `starter`: the upload did not finish. `digest`: null for assets that are older than digests, and on older servers. */
export interface GitHubAsset {
  readonly id: number;
  readonly name: string;
  readonly size: number;
  readonly state: string;
  readonly digest?: string | null | undefined;
}

/** The release of a tag, by what exists. `published`: tags of all published releases that are not pre-releases. */
export type FoundGitHubRelease =
  | { readonly kind: "published" | "others-draft"; readonly release: GitHubRelease }
  | { readonly kind: "own-draft"; readonly release: GitHubRelease; readonly published: readonly string[] }
  | { readonly kind: "none"; readonly published: readonly string[] };

/**
 * Finds the release of a tag: a published one, else a draft. Drafts have no tag yet and appear in the list only; Slipway's own come first.
 */
export async function findGitHubRelease(
  client: GitHubClient,
  tag: string,
  isOwn: (body: string) => boolean,
): Promise<FoundGitHubRelease> {
  const release = await readGitHubRelease(client, tag);
  if (release !== undefined) return { kind: "published", release };
  const { octokit, at } = client;
  const all: readonly GitHubRelease[] = await octokit.paginate(octokit.rest.repos.listReleases, {
    ...at,
    per_page: 100,
  });
  const published = all.filter(({ draft, prerelease }) => !draft && !prerelease).map(({ tag_name }) => tag_name);
  const drafts = all.filter(({ draft, tag_name }) => draft && tag_name === tag);
  const own = drafts.find(({ body }) => isOwn(body ?? ""));
  if (own !== undefined) return { kind: "own-draft", release: own, published };
  const [others] = drafts;
  return others === undefined ? { kind: "none", published } : { kind: "others-draft", release: others };
}

/** Reads the published release of a tag; undefined when there is none. */
export async function readGitHubRelease(
  { octokit, at }: GitHubClient,
  tag: string,
): Promise<GitHubRelease | undefined> {
  try {
    return (await octokit.rest.repos.getReleaseByTag({ ...at, tag })).data;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}
