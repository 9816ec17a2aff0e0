import { SlipwayError } from "../errors.ts";
import { closestName } from "../model/closest.ts";
import {
  compareReleases,
  groupSlug,
  parseReleaseTag,
  type RecordIndex,
  type ReleaseName,
  displayName,
} from "./record-names.ts";

/**
 * Finds the release that the user names: by record tag, version (with or without `v`), or commit of a branch (7 digits or more). `group`:
 * search this group only. Throws `usage` when none or several match.
 */
export function findRecordedRelease(index: RecordIndex, wanted: string, group?: string): ReleaseName {
  const releases = inGroup(index.releases, group);
  const abandoned = inGroup(abandonedReleases(index), group);
  const isWanted = (name: ReleaseName): boolean =>
    name.tag === wanted || displayName(name) === wanted.replace(/^v/, "");
  const exact = releases.find(({ tag }) => tag === wanted);
  const found = exact === undefined ? meantBy(releases, wanted) : [exact];
  if (abandoned.some(isWanted) || (found.length === 0 && meantBy(abandoned, wanted).length > 0)) {
    throw new SlipwayError("release-abandoned", `release ${wanted} was abandoned`, { hint: nearest(releases, wanted) });
  }
  return onlyOne(found, releases, wanted);
}

/**
 * Finds the release to abandon, including one that was abandoned before, so that the command can be repeated. An abandonment is final, so a
 * version that several groups have is ambiguous here even where it is a record's tag. Otherwise throws as `findRecordedRelease`.
 */
export function findReleaseToAbandon(index: RecordIndex, wanted: string, group?: string): ReleaseName {
  const releases = inGroup([...index.releases, ...abandonedReleases(index)], group);
  const found = meantBy(releases, wanted);
  return onlyOne(found.length > 0 ? found : releases.filter(({ tag }) => tag === wanted), releases, wanted);
}

function inGroup(releases: readonly ReleaseName[], group: string | undefined): ReleaseName[] {
  const own = group === undefined ? undefined : groupSlug(group);
  return releases.filter((name) => own === undefined || name.group === own);
}

function abandonedReleases({ abandonments }: RecordIndex): ReleaseName[] {
  return abandonments.flatMap(({ of }) => parseReleaseTag(of) ?? []);
}

/** Releases of a version or a commit. */
function meantBy(releases: readonly ReleaseName[], wanted: string): ReleaseName[] {
  const text = wanted.replace(/^v/, "");
  const versions = releases.filter((name) => name.kind === "version" && name.version.text === text);
  return versions.length > 0 ? versions : lastRevisions(releases.filter((name) => isOfCommit(name, wanted)));
}

function onlyOne(found: readonly ReleaseName[], releases: readonly ReleaseName[], wanted: string): ReleaseName {
  const [only, ...others] = found;
  if (only === undefined) throw unknownRelease(releases, wanted);
  if (others.length === 0) return only;
  const tags = found.map(({ tag }) => tag);
  throw new SlipwayError("release-ambiguous", `"${wanted}" is the release of more than one line: ${tags.join(", ")}`, {
    hint: `name one of them in full, or its release group: \`slipway rollback ${wanted} --group ${only.group}\`, \`slipway abandon ${wanted} --group ${only.group}\``,
  });
}

/** Keeps the last revision of each commit on each branch. */
function lastRevisions(releases: readonly ReleaseName[]): ReleaseName[] {
  const line = (name: ReleaseName): string => (name.kind === "branch" ? `${name.group} ${name.branch}` : name.tag);
  return [...new Map(releases.toSorted(compareReleases).map((name) => [line(name), name])).values()];
}

function isOfCommit(name: ReleaseName, wanted: string): boolean {
  const sha = wanted.replace(/^sha-/, "");
  return name.kind === "branch" && /^[0-9a-f]{7,64}$/.test(sha) && name.sha.startsWith(sha.slice(0, 12));
}

function unknownRelease(releases: readonly ReleaseName[], wanted: string): SlipwayError {
  return new SlipwayError("no-such-release", `there is no release "${wanted}"`, { hint: nearest(releases, wanted) });
}

function nearest(releases: readonly ReleaseName[], wanted: string): string {
  const names = releases.map(displayName).reverse();
  const closest = closestName(wanted, names);
  const near = [...new Set([...(closest === undefined ? [] : [closest]), ...names])].slice(0, 5);
  return near.length === 0 ? "nothing has been released yet" : `the nearest are: ${near.join(", ")}`;
}
