import { SlipwayError } from "../errors.ts";
import type { GitHubClient } from "./client.ts";
import { ensureGone, githubFault, isStatus } from "./fault.ts";
import { findGitHubRelease, type FoundGitHubRelease, type GitHubRelease, readGitHubRelease } from "./find-release.ts";
import { type AssetFile, putAssets } from "./release-assets.ts";

/** A release as it is to be. */
export interface WantedRelease {
  readonly tag: string;
  /** What the tag is made at where it is not there yet. */
  readonly commit: string;
  readonly isPrerelease: boolean;
  /** Attached in this order. */
  readonly assets: readonly AssetFile[];
  /** The body of a draft until it is published, and how such a draft is told from other people's. */
  readonly draft: { readonly body: string; readonly isOwn: (body: string) => boolean };
  /** The whole body, from what is there and the names of the assets that are attached; undefined: it stays as it is. */
  makeBody(body: string, attached: ReadonlySet<string>): Promise<string | undefined>;
  /** Whether it becomes the repository's latest release, when these tags have published releases. */
  isLatest(published: readonly string[]): Promise<boolean>;
}

/** What became of it. */
export interface WrittenRelease {
  readonly url: string;
  /** `draft`: somebody else's, which is theirs to publish; it was added to. */
  readonly state: "published" | "updated" | "same" | "draft";
  /** Assets that could not be attached, because the release is published and immutable. */
  readonly leftOut: readonly string[];
}

const permission = "contents: write";
const mostTries = 3;

/**
 * Finds the release of a tag and adds to it, or makes it: a draft, then its assets, then published, so that immutable releases
 * have everything. Interrupted anywhere, the same call finishes it; done twice, it changes nothing.
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
    if (!isStatus(error, 422) || !fault.message.includes("target_commitish")) throw fault;
    const commit = wanted.commit.slice(0, 7);
    throw new SlipwayError("refused", `${doing}: the commit ${commit} is not in ${owner}/${repo}`, {
      hint: "push it (git push), then run the same command again",
      cause: error,
    });
  }
}

/**
 * Who creates a release twice has two drafts, so a creation that was not answered is not simply repeated: it may have been done,
 * and the draft is looked for first.
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
    // Another tool published the tag's release meanwhile: that one is added to, and the draft is not left behind.
    await ensureGone(octokit.rest.repos.deleteRelease({ ...at, release_id: release.id }));
    return addTo(client, other, wanted);
  }
}

/** To a release that others made, or an earlier run: its notes, and what it lacks of the assets where it can still get them. */
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
