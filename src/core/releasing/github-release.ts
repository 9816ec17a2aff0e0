import { SlipwayError } from "../../errors.ts";
import type { Emit } from "../../event.ts";
import type { ReleaseDocument, WrittenGitHubRelease } from "../../model/documents.ts";
import type { ReleaseManifest } from "../../model/release.ts";
import { assetNames, renderImagesText, renderReleaseAssets, renderShorterTexts } from "../../notes/github-release.ts";
import { draftText, isDraftText, putFittingSection, putSection } from "../../notes/images-section.ts";
import { type GitHubContext, findGitHub } from "../../github/context.ts";
import type { WantedRelease } from "../../github/releases.ts";
import { parseGroupTag, renderGroupTag } from "../../records/group-tag.ts";
import { readRecords, readReleaseContent } from "../../records/records.ts";
import { compareVersions, parseVersion, type Version } from "../../formats/semver.ts";
import { readReleaseBefore } from "../planning/release-history.ts";
import type { ReleaseRequest } from "./release-request.ts";
import type { Workspace } from "../workspace/workspace.ts";

type Released = ReleaseDocument["releases"][number];

/**
 * Writes the GitHub release of each released version, after its tags are in place. A branch has no GitHub release. An error leaves the
 * images released; the same command, run again, finishes. Without a token, reports that no GitHub release was written.
 */
export async function releaseOnGitHub(
  workspace: Workspace,
  request: Pick<ReleaseRequest, "githubRelease">,
  document: ReleaseDocument,
): Promise<ReleaseDocument> {
  if (!request.githubRelease || document.notes === null) return document;
  const context = findGitHub(workspace, workspace.repository.remote);
  if (context === undefined) return document;
  const { notes } = document;
  const releases: Released[] = [];
  for (const released of document.releases) {
    const version = versionOf(released.manifest);
    const written = version === undefined ? null : await writeOne(workspace, context, { released, version, notes });
    releases.push({ ...released, githubRelease: written });
  }
  return { ...document, releases };
}

/** A released version of one group, with its notes. */
interface ReleasedVersion {
  readonly released: Released;
  readonly version: Version;
  readonly notes: string;
}

async function writeOne(
  workspace: Workspace,
  context: GitHubContext,
  release: ReleasedVersion,
): Promise<WrittenGitHubRelease | null> {
  const { emit, host } = workspace;
  const tag = tagOf(workspace, release);
  const again = commandFor(workspace, release);
  const { token } = context;
  if (token === undefined) {
    const because = `there is no token; with GH_TOKEN set (gh auth token), \`${again}\` writes it`;
    emit({ kind: "github-release", tag, state: "left-out", url: null, because });
    return null;
  }
  try {
    // Imported here, because commands that do not use GitHub's API must not pay for loading its client.
    const [{ makeGitHubClient }, { writeRelease }, { readTagCommit }] = await Promise.all([
      import("../../github/client.ts"),
      import("../../github/releases.ts"),
      import("../../github/tag-commit.ts"),
    ]);
    const client = makeGitHubClient(host, { ...context, token, emit });
    const wanted = await makeWanted(workspace, context, release);
    warnOfOtherCommit(await readTagCommit(client, tag), wanted, emit);
    const { url, state, leftOut } = await writeRelease(client, wanted);
    if (leftOut.length > 0) {
      const message = `the GitHub release ${tag} is immutable, so it did not get ${leftOut.join(", ")}; releases that Slipway itself creates include them`;
      emit({ kind: "warning", message });
    }
    emit({ kind: "github-release", tag, state, url, because: undefined });
    return { url, state };
  } catch (error) {
    throw withWayOn(error, again);
  }
}

/**
 * Warns if the tag on GitHub is at another commit than the images. It does not throw, because the images are released already and either
 * commit may be the wrong one. `there`: the tag's commit; undefined: there is no tag.
 */
function warnOfOtherCommit(there: string | undefined, { tag, commit }: WantedRelease, emit: Emit): void {
  if (there === undefined || there === commit) return;
  const [left, right] = [there, commit].map((id) => id.slice(0, 7));
  const message = `the tag ${tag} on GitHub is at ${left}, and the images were released from ${right}, so the source at the tag is not the source of the images; release the next version from the commit that its tag is at`;
  emit({ kind: "warning", message });
}

/** Adds to an error's hint how to finish, because the images are released in any case. */
function withWayOn(error: unknown, again: string): unknown {
  if (!(error instanceof SlipwayError)) return error;
  const { message, hint } = error;
  const way = `the images are released; \`${again}\` writes what is missing on GitHub, --no-github-release leaves it out`;
  return error.reworded(message.split("\n"), hint === undefined ? way : `${hint}\n${way}`);
}

async function makeWanted(
  workspace: Workspace,
  context: GitHubContext,
  release: ReleasedVersion,
): Promise<WantedRelease> {
  const { registry, project, emit } = workspace;
  const { manifest, record } = release.released;
  const tag = tagOf(workspace, release);
  const command = commandFor(workspace, release);
  const text = renderImagesText(release.notes, manifest, { tag, repository: nameForGh(context) });
  const stored = await readReleaseContent(registry, project.releases, record);
  return {
    tag,
    commit: manifest.commit,
    isPrerelease: release.version.prerelease.length > 0,
    assets: renderReleaseAssets(manifest, { text, manifest: stored }),
    draft: { body: putSection("", draftText(command)), isOwn: isDraftText },
    makeBody: async (before, attached) => {
      const whole = putFittingSection(before, [text]);
      if (whole !== undefined) return whole;
      const previous = await readReleaseBefore(workspace, manifest);
      const hasNotes = attached.has(assetNames.notes);
      const shorter = renderShorterTexts(
        { release: manifest, previous },
        { hasNotes, command: `${command} --notes-file ${assetNames.notes}` },
      );
      const body = putFittingSection(before, shorter);
      if (body === undefined) {
        const message = `the GitHub release ${tag} has no room for the images: its notes are almost as long as GitHub takes`;
        emit({ kind: "warning", message });
      }
      return body;
    },
    isLatest: (published) => isHighest(workspace, release, published),
  };
}

/**
 * Whether the version is the highest of its group, among the GitHub releases and the records (a release may have none on GitHub). A late
 * 1.2.4 is not the latest after 2.0.0.
 */
async function isHighest(
  { registry, project }: Workspace,
  { released, version }: ReleasedVersion,
  published: readonly string[],
): Promise<boolean> {
  const group = project.groups.find(({ name }) => name === released.manifest.group);
  const { releases } = await readRecords(registry, project.releases);
  const own = releases.find(({ tag }) => tag === released.record);
  const recorded = releases.flatMap((each) =>
    each.kind === "version" && each.group === own?.group ? each.version : [],
  );
  const onGitHub = group === undefined ? [] : published.flatMap((tag) => parseGroupTag(group, tag) ?? []);
  return [...recorded, ...onGitHub].every((each) => each.prerelease.length > 0 || compareVersions(each, version) <= 0);
}

function versionOf({ subject }: ReleaseManifest): Version | undefined {
  return subject.kind === "version" ? parseVersion(subject.version) : undefined;
}

function tagOf({ project }: Workspace, { released, version }: ReleasedVersion): string {
  const { group } = released.manifest;
  return renderGroupTag(
    project.groups.find(({ name }) => name === group) ?? { name: group, tag: "v{version}" },
    version,
  );
}

function commandFor({ project }: Workspace, { released, version }: ReleasedVersion): string {
  const { group } = released.manifest;
  return `slipway release ${version.text}${project.groups.length > 1 ? ` --group ${group}` : ""}`;
}

/** Repository name in the form that `gh --repo` takes. */
function nameForGh({ server, repository: { owner, name } }: GitHubContext): string {
  const { host } = new URL(server.url);
  return host === "github.com" ? `${owner}/${name}` : `${host}/${owner}/${name}`;
}
