import { SlipwayError } from "../../errors.ts";
import { renderCount } from "../../model/units.ts";
import type { ReleaseGroup } from "../../model/service.ts";
import type { VersionSource } from "../../model/version-source.ts";
import {
  type Bump,
  bumpOf,
  largestBump,
  nextVersion,
  parseConventionalCommit,
} from "../../formats/conventional-commit.ts";
import { parseGroupTag } from "../../records/group-tag.ts";
import { makeReleaseName } from "../../records/record-names.ts";
import { compareVersions, parseVersion, type Version } from "../../formats/semver.ts";
import { readTagsAt } from "../../source/git/git-tags.ts";
import type { Commit } from "../../source/git/history.ts";
import { filesByService } from "./files-by-service.ts";
import { findLastRelease, findReleasedVersion, type GroupHistory } from "../planning/last-release.ts";
import { readVersionFile } from "../workspace/read-version-file.ts";
import { makeReleaseHistory, type ReleaseHistory } from "../planning/release-history.ts";
import { type ReleaseRequest, selectGroup } from "./release-request.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** The version to release, and the reason for it; `nothing`: there is no reason to release. */
export type ChosenVersion =
  | { readonly kind: "version"; readonly version: string; readonly group: string; readonly because: string }
  | { readonly kind: "nothing"; readonly because: string };

/**
 * Chooses the version of a release if the request gives none. Undefined: the request gives a version, or a branch is released. Throws
 * `usage` when there are several groups and the request names none, or when the version source has no version.
 */
export async function chooseVersion(
  workspace: Workspace,
  request: Pick<ReleaseRequest, "version" | "versionFrom" | "branch" | "group" | "only">,
  history: ReleaseHistory = makeReleaseHistory(workspace),
): Promise<ChosenVersion | undefined> {
  if (request.version !== undefined) return undefined;
  // A request with a branch releases the branch, even if the configuration names a version source.
  const source = request.versionFrom ?? (request.branch === undefined ? workspace.project.version : undefined);
  if (source === undefined) return undefined;
  switch (source.kind) {
    case "tag":
      return fromTag(workspace, request);
    case "file":
      return fromFile({ workspace, history, group: selectGroup(workspace.project.groups, request) }, source.path);
    case "commits":
      return fromCommits({ workspace, history, group: selectGroup(workspace.project.groups, request) });
  }
}

/**
 * Takes the highest of several tags of one group, so that a commit tagged as release candidate and as release is released as the release.
 */
async function fromTag(
  { ci, project, repository }: Workspace,
  request: Pick<ReleaseRequest, "group" | "only">,
): Promise<ChosenVersion> {
  const tags = ci.tag !== undefined ? [ci.tag] : await readTagsAt(repository.git, repository.commit);
  const groups =
    request.group === undefined && request.only.length === 0 ? project.groups : [selectGroup(project.groups, request)];
  const found = groups.flatMap((group) => {
    const versions = tags.flatMap((tag) => parseGroupTag(group, tag) ?? []).sort(compareVersions);
    const last = versions.at(-1);
    checkOrdered(versions);
    return last === undefined ? [] : [{ group, version: last }];
  });
  const [only, ...others] = found;
  if (only === undefined) throw noTag(groups, tags, repository.commit);
  if (others.length > 0) {
    const names = found.map(({ group }) => group.name).join(", ");
    throw new SlipwayError(
      "group-needed",
      `the tags ${tags.join(", ")} are versions of several release groups: ${names}`,
      {
        hint: `name one: --group ${only.group.name}`,
      },
    );
  }
  const tag = only.group.tag.replace("{version}", only.version.text);
  return { kind: "version", version: only.version.text, group: only.group.name, because: `the git tag ${tag}` };
}

/** Throws if the two highest versions differ only in build metadata, which does not order versions. */
function checkOrdered(versions: readonly Version[]): void {
  const [last, other] = versions.toReversed();
  if (last === undefined || other === undefined || compareVersions(last, other) !== 0) return;
  throw new SlipwayError(
    "version-ambiguous",
    `taking the version from git's tags: ${other.text} and ${last.text} have the same precedence`,
    {
      hint: `say which one is released: slipway release ${last.text}`,
    },
  );
}

function noTag(groups: readonly ReleaseGroup[], tags: readonly string[], commit: string): SlipwayError {
  const patterns = groups.map(({ tag }) => `"${tag}"`).join(" or ");
  const there = tags.length === 0 ? "there is none" : `there is ${tags.map((tag) => `"${tag}"`).join(", ")}, and none`;
  const example = (groups[0]?.tag ?? "v{version}").replace("{version}", "1.2.0");
  return new SlipwayError(
    "version-not-found",
    `taking the version from a git tag at ${commit.slice(0, 7)}: ${there} like ${patterns}`,
    {
      hint: `tag the commit (git tag ${example}), or fetch its tags (git fetch --tags origin)`,
    },
  );
}

/** A version that was released from another commit is not released again; the file must change first. */
async function fromFile(
  of: GroupHistory,
  file: Extract<VersionSource, { kind: "file" }>["path"],
): Promise<ChosenVersion> {
  const { workspace, group } = of;
  const { path, version } = await readVersionFile(workspace.tree, file);
  const released = await findReleasedVersion(of, version);
  if (released !== undefined && released.commit !== workspace.repository.commit) {
    const because = `${path} says ${version}, which was released from ${released.commit.slice(0, 7)} already`;
    return { kind: "nothing", because };
  }
  return { kind: "version", version, group: group.name, because: path };
}

/** Counts all commits if there is one group; with several groups, only the commits that touch files of the group's services. */
async function fromCommits(of: GroupHistory): Promise<ChosenVersion> {
  const { workspace, group } = of;
  const { repository, project } = workspace;
  const last = await findLastRelease(of);
  if (last !== undefined && last.commit === repository.commit) {
    const because = `released as ${last.version.text} already, from this commit`;
    return { kind: "version", version: last.version.text, group: group.name, because };
  }
  const all = await repository.commitsBetween(last?.commit ?? null, repository.commit);
  const commits = project.groups.length === 1 ? all : await ofGroup(workspace, group, all);
  const bumps = commits.map((commit) => {
    const parsed = parseConventionalCommit(commit);
    return parsed === undefined ? undefined : bumpOf(parsed);
  });
  const bump = largestBump(bumps);
  const since = last === undefined ? "" : ` since ${last.version.text}`;
  const to = project.groups.length === 1 ? "" : ` to the group ${group.name}`;
  if (bump === undefined) {
    const because = `none of ${renderCount(commits.length, "commit")}${to}${since} is a feature, a fix or a breaking change`;
    return { kind: "nothing", because };
  }
  const because = `${describeBumps(bumps)}${to}${since}`;
  return {
    kind: "version",
    version: await nextFreeVersion(of, last?.version, bump),
    group: group.name,
    because,
  };
}

/** The next version that was not abandoned, because an abandoned version is never used again. Each abandoned one is skipped by a patch. */
async function nextFreeVersion(
  { history, group }: GroupHistory,
  last: Version | undefined,
  bump: Bump,
): Promise<string> {
  const { abandonments } = await history.records();
  const abandoned = new Set(abandonments.map(({ of }) => of));
  const isFree = (version: string): boolean =>
    !abandoned.has(makeReleaseName(group.name, { kind: "version", version }, "").tag);
  let version = nextVersion(last, bump);
  while (!isFree(version)) version = nextVersion(parseVersion(version), "patch");
  return version;
}

async function ofGroup(workspace: Workspace, group: ReleaseGroup, commits: readonly Commit[]): Promise<Commit[]> {
  const files = await filesByService(workspace, new Set(group.services), []);
  return commits.filter((commit) => [...files.values()].some((own) => commit.files.some((path) => own.has(path))));
}

function describeBumps(bumps: readonly (Bump | undefined)[]): string {
  const names = { major: "breaking change", minor: "feature", patch: "fix" } as const;
  const parts = (["major", "minor", "patch"] as const).flatMap((bump) => {
    const count = bumps.filter((each) => each === bump).length;
    if (count === 0) return [];
    return [count === 1 ? `1 ${names[bump]}` : `${count} ${names[bump]}${bump === "patch" ? "es" : "s"}`];
  });
  return parts.join(", ");
}
