import { SlipwayError } from "../errors.ts";
import { closestName } from "../model/closest.ts";
import {
  compareReleases,
  groupSlug,
  parseReleaseTag,
  type RecordIndex,
  type ReleaseName,
  spokenName,
} from "./record-names.ts";

/**
 * The release that a person means: the tag of its record, a version (with or without `v`), or a branch's commit (7 digits or more).
 * `group`: look there only. Throws `usage` when there is none, or more than one.
 */
export function findRelease(index: RecordIndex, wanted: string, group?: string): ReleaseName {
  const own = group === undefined ? undefined : groupSlug(group);
  const releases = index.releases.filter((name) => own === undefined || name.group === own);
  const abandoned = index.abandonments.flatMap(({ of }) => parseReleaseTag(of) ?? []);
  const isWanted = (name: ReleaseName): boolean => name.tag === wanted || spokenName(name) === wanted.replace(/^v/, "");
  if (abandoned.some((name) => (own === undefined || name.group === own) && isWanted(name))) {
    throw new SlipwayError("refused", `release ${wanted} was abandoned`, { hint: nearest(releases, wanted) });
  }
  const exact = releases.find(({ tag }) => tag === wanted);
  if (exact !== undefined) return exact;
  const versions = releases.filter((name) => name.kind === "version" && name.version.text === wanted.replace(/^v/, ""));
  const found = versions.length > 0 ? versions : lastRevisions(releases.filter((name) => isOfCommit(name, wanted)));
  const [only, ...others] = found;
  if (only === undefined) throw unknownRelease(releases, wanted);
  if (others.length === 0) return only;
  const tags = found.map(({ tag }) => tag);
  throw new SlipwayError("usage", `"${wanted}" is the release of more than one line: ${tags.join(", ")}`, {
    hint: "name one of them in full, or its release group",
  });
}

/** A commit that was released several times on a branch means its last release there. */
function lastRevisions(releases: readonly ReleaseName[]): ReleaseName[] {
  const line = (name: ReleaseName): string => (name.kind === "branch" ? `${name.group} ${name.branch}` : name.tag);
  return [...new Map(releases.toSorted(compareReleases).map((name) => [line(name), name])).values()];
}

function isOfCommit(name: ReleaseName, wanted: string): boolean {
  const sha = wanted.replace(/^sha-/, "");
  return name.kind === "branch" && /^[0-9a-f]{7,64}$/.test(sha) && name.sha.startsWith(sha.slice(0, 12));
}

function unknownRelease(releases: readonly ReleaseName[], wanted: string): SlipwayError {
  return new SlipwayError("usage", `there is no release "${wanted}"`, { hint: nearest(releases, wanted) });
}

function nearest(releases: readonly ReleaseName[], wanted: string): string {
  const names = releases.map(spokenName).reverse();
  const closest = closestName(wanted, names);
  const near = [...new Set([...(closest === undefined ? [] : [closest]), ...names])].slice(0, 5);
  return near.length === 0 ? "nothing has been released yet" : `the nearest are: ${near.join(", ")}`;
}
