import type { ReleaseGroup } from "../../model/service.ts";
import { parseGroupTag } from "../../records/group-tag.ts";
import { groupSlug, type ReleaseName } from "../../records/record-names.ts";
import { compareVersions, type Version } from "../../formats/semver.ts";
import { decodeText } from "../../source/git/git.ts";
import type { ReleaseHistory } from "./release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** A released version and the commit that it was released from. */
export interface LastRelease {
  readonly version: Version;
  readonly commit: string;
}

/** The release group whose versions to look for, and where. */
export interface GroupHistory {
  readonly workspace: Workspace;
  readonly history: ReleaseHistory;
  readonly group: ReleaseGroup;
}

/**
 * The highest version of the group that was released from this commit or an ancestor, by the registry's records and by git's tags (which
 * may be older than the first record). Pre-releases do not count.
 */
export async function findLastRelease(of: GroupHistory): Promise<LastRelease | undefined> {
  const [recorded, tagged] = await Promise.all([lastRecorded(of), lastTagged(of)]);
  if (recorded === undefined || tagged === undefined) return recorded ?? tagged;
  return compareVersions(recorded.version, tagged.version) < 0 ? tagged : recorded;
}

/** The record of exactly this version, whatever commit it was released from. */
export async function findReleasedVersion(of: GroupHistory, version: string): Promise<LastRelease | undefined> {
  const name = (await versionNames(of)).find((each) => each.version.text === version);
  return name === undefined ? undefined : readCommit(of, name);
}

type VersionName = Extract<ReleaseName, { kind: "version" }>;

async function versionNames({ history, group }: GroupHistory): Promise<VersionName[]> {
  const { releases } = await history.records();
  return releases.filter(
    (name): name is VersionName => name.kind === "version" && name.group === groupSlug(group.name),
  );
}

async function readCommit(
  { history }: GroupHistory,
  name: VersionName,
): Promise<(LastRelease & { readonly releasedAt: string }) | undefined> {
  const stored = await history.release(name.tag);
  if (stored === undefined) return undefined;
  const { commit, releasedAt } = stored.manifest;
  return { version: name.version, commit, releasedAt };
}

/** Looks from the highest version down for one that was released from an ancestor of this commit; another branch may have higher ones. */
async function lastRecorded(of: GroupHistory): Promise<LastRelease | undefined> {
  const names = (await versionNames(of)).filter(({ version }) => version.prerelease.length === 0);
  let last: (LastRelease & { readonly releasedAt: string }) | undefined;
  for (const name of names.toReversed()) {
    // Of versions that differ only in build metadata, takes the one released last.
    if (last !== undefined && compareVersions(last.version, name.version) !== 0) return last;
    const release = await readCommit(of, name);
    if (release === undefined || !(await isBehind(of.workspace, release.commit))) continue;
    if (last === undefined || last.releasedAt < release.releasedAt) last = release;
  }
  return last;
}

/** Whether a commit is this commit or an ancestor. A commit that the clone lacks is not. */
function isBehind({ repository }: Workspace, commit: string): Promise<boolean> {
  return repository.git(["merge-base", "--is-ancestor", commit, repository.commit]).then(
    () => true,
    () => false,
  );
}

async function lastTagged({ workspace: { repository }, group }: GroupHistory): Promise<LastRelease | undefined> {
  const tags = decodeText(await repository.git(["tag", "--merged", repository.commit])).split("\n");
  const last = tags
    .flatMap((tag) => {
      const version = parseGroupTag(group, tag);
      return version === undefined || version.prerelease.length > 0 ? [] : [{ tag, version }];
    })
    .sort((left, right) => compareVersions(left.version, right.version))
    .at(-1);
  return last === undefined ? undefined : { version: last.version, commit: await repository.resolve(last.tag) };
}
