import { SlipwayError } from "../errors.ts";
import type { GitHubClient } from "./client.ts";
import { ensureGone, githubFault, isAboutField, isStatus } from "./fault.ts";
import { findGitHubRelease, type FoundGitHubRelease, type GitHubRelease, readGitHubRelease } from "./find-release.ts";
import { type AssetFile, putAssets } from "./release-assets.ts";

/** The release to write. */
export interface WantedRelease {
  readonly tag: string;
  /** The commit for the tag if the tag does not exist yet. */
  readonly commit: string;
  readonly isPrerelease: boolean;
  /** Assets, in the order in which they are attached. */
  readonly assets: readonly AssetFile[];
  /** The body of the draft before it is published, and the test that recognizes such a draft. */
  readonly draft: { readonly body: string; readonly isOwn: (body: string) => boolean };
  /** Makes the body from the present one and the names of the attached assets; undefined: the body stays. */
  makeBody(body: string, attached: ReadonlySet<string>): Promise<string | undefined>;
  /** Whether to make it the repository's latest release, given the tags of published releases. */
  isLatest(published: readonly string[]): Promise<boolean>;
}

/** The written release, and the result. */
export interface WrittenRelease {
  readonly url: string;
  /** `draft`: a person's draft. Slipway completes it and leaves publishing to them. */
  readonly state: "published" | "updated" | "same" | "draft";
  /** Names of assets that were not attached, because the release is published and immutable. */
  readonly leftOut: readonly string[];
}

const permission = "contents: write";
const mostTries = 3;

/**
 * Completes the release of a tag, or creates it: first a draft, then its assets, then published, so that immutable releases have
 * everything. After an interruption the same call finishes it; a repeated call changes nothing.
 * https://docs.github.com/rest/releases/releases
 */
export async function writeRelease(client: GitHubClient, wanted: WantedRelease): Promise<WrittenRelease> {
  const { owner, repo } = client.at;
  try {
    const found = await findOrDraft(client, wanted);
    return found.kind === "own-draft"
      ? await publish(client, found, wanted)
      : await addTo(client, found.release, wanted);
  } catch (error) {
    const doing = `writing the release ${wanted.tag} of ${owner}/${repo}`;
    const fault = githubFault(error, doing, permission);
    if (!isAboutField(error, "target_commitish")) throw fault;
    const commit = wanted.commit.slice(0, 7);
    throw new SlipwayError("commit-not-pushed", `${doing}: the commit ${commit} is not in ${owner}/${repo}`, {
      hint: "push it (git push), then run the same command again",
      cause: error,
    });
  }
}

/**
 * Finds or creates the draft. A second creation would make a second draft, so a creation without an answer is not retried before looking
 * for its draft.
 */
async function findOrDraft(
  client: GitHubClient,
  wanted: WantedRelease,
  tries = 1,
): Promise<Exclude<FoundGitHubRelease, { kind: "none" }>> {
  const found = await findGitHubRelease(client, wanted.tag, wanted.draft.isOwn);
  if (found.kind !== "none") return found;
  const { octokit, at } = client;
  try {
    const { data } = await octokit.rest.repos.createRelease({
      ...at,
      tag_name: wanted.tag,
      target_commitish: wanted.commit,
      name: wanted.tag,
      body: wanted.draft.body,
      draft: true,
      prerelease: wanted.isPrerelease,
      request: { retries: 0 },
    });
    return { kind: "own-draft", release: data, published: found.published };
  } catch (error) {
    const isUnanswered = error instanceof Error && "status" in error && Number(error.status) >= 500;
    if (!isUnanswered || tries >= mostTries) throw error;
    return findOrDraft(client, wanted, tries + 1);
  }
}

async function publish(
  client: GitHubClient,
  { release, published }: Extract<FoundGitHubRelease, { kind: "own-draft" }>,
  wanted: WantedRelease,
): Promise<WrittenRelease> {
  const { octokit, at } = client;
  const attached = await putAssets(client, release, wanted.assets);
  const body = await wanted.makeBody(release.body ?? "", attached.names);
  const isLatest = !wanted.isPrerelease && (await wanted.isLatest(published));
  try {
    const { data } = await octokit.rest.repos.updateRelease({
      ...at,
      release_id: release.id,
      tag_name: wanted.tag,
      target_commitish: wanted.commit,
      ...(body === undefined ? {} : { body }),
      draft: false,
      prerelease: wanted.isPrerelease,
      make_latest: isLatest ? "true" : "false",
    });
    return { url: data.html_url, state: "published", leftOut: [] };
  } catch (error) {
    const other = isStatus(error, 422) ? await readGitHubRelease(client, wanted.tag) : undefined;
    if (other === undefined || other.id === release.id) throw error;
    // Another tool published the tag's release meanwhile: complete that one, and delete our draft.
    await ensureGone(octokit.rest.repos.deleteRelease({ ...at, release_id: release.id }));
    return addTo(client, other, wanted);
  }
}

/** Completes a release of another tool or an earlier run: its notes, and missing assets if it can still get them. */
async function addTo(client: GitHubClient, release: GitHubRelease, wanted: WantedRelease): Promise<WrittenRelease> {
  const { octokit, at } = client;
  const isFrozen = release.immutable === true && !release.draft;
  const attached = await putAssets(client, release, isFrozen ? [] : wanted.assets);
  const leftOut = wanted.assets.map(({ name }) => name).filter((name) => !attached.names.has(name));
  const before = release.body ?? "";
  const body = (await wanted.makeBody(before, attached.names)) ?? before;
  if (body !== before) await octokit.rest.repos.updateRelease({ ...at, release_id: release.id, body });
  const isChanged = body !== before || attached.isChanged;
  return { url: release.html_url, state: release.draft ? "draft" : isChanged ? "updated" : "same", leftOut };
}
