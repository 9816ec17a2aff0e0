import { SlipwayError } from "../errors.ts";
import { digestHex, digestOf } from "../model/digest.ts";
import { byCodeUnit } from "../model/order.ts";
import { isTag } from "../model/reference.ts";
import type { ReleaseSubject } from "../model/release.ts";
import { compareVersions, parseVersion, type Version } from "../formats/semver.ts";

/** The parsed tag of a version's record. `group` is as `groupSlug` makes it. */
interface VersionName {
  readonly kind: "version";
  readonly tag: string;
  readonly group: string;
  readonly version: Version;
}

/** The parsed tag of a branch release's record. `branch` is as `branchSlug` makes it; `sha` has 12 digits. */
interface BranchName {
  readonly kind: "branch";
  readonly tag: string;
  readonly group: string;
  readonly branch: string;
  readonly generation: number;
  readonly sha: string;
  /** The number of the release among those of its commit: 1, 2, … */
  readonly revision: number;
}

/** The parsed tag of a rollback's record. `to` is the tag of the target's record. */
export interface RollbackName {
  readonly kind: "rollback";
  readonly tag: string;
  readonly group: string;
  readonly sequence: number;
  readonly nonce: string;
  readonly to: string;
}

/** The parsed tag of an abandonment's record. `of` is the tag of the abandoned release's record. */
export interface AbandonmentName {
  readonly kind: "abandonment";
  readonly tag: string;
  readonly group: string;
  readonly of: string;
}

/** The name of a release's record. */
export type ReleaseName = VersionName | BranchName;
/** The name of any record. */
export type RecordName = ReleaseName | RollbackName | AbandonmentName;

/** The parsed tags of a release repository: its records, and which of them are marked. */
export interface RecordIndex {
  /** Releases that were not abandoned. */
  readonly releases: readonly ReleaseName[];
  readonly rollbacks: readonly RollbackName[];
  readonly abandonments: readonly AbandonmentName[];
  /** Tags of the marked records: all their tags were put and read back. */
  readonly promoted: ReadonlySet<string>;
}

/** The group whose records have no group in their tags. */
export const defaultGroup = "default";

const promotedPrefix = "promoted.";
/** Distinct from the records of every group: a group's name is followed by a version with its v, `branch.` or `rollback.`. */
const abandonedPrefix = "abandoned.of.";
const groupPattern = /^([A-Za-z0-9_][A-Za-z0-9_-]*)\.((?:v[0-9]|branch\.|rollback\.).*)$/;
/** The first revision of a commit's release is not numbered. */
const branchPattern = /^branch\.(.+)\.([0-9]{8})\.([0-9a-f]{12})(?:\.([2-9]|[1-9][0-9]{1,3}))?$/;
const rollbackPattern = /^rollback\.([0-9]{6})\.([0-9a-f]{8})\.(.+)$/;
/** Words that begin tags of the default group, so that no group may be called so. */
const reserved: readonly string[] = ["branch", "rollback", "promoted"];
const longestBranch = 40;
const longestGroup = 24;

/** Parses a list of tags; tags that are not of records are ignored. Releases come in the order of `compareReleases`, newest last. */
export function parseRecordTags(tags: Iterable<string>): RecordIndex {
  const releases: ReleaseName[] = [];
  const rollbacks: RollbackName[] = [];
  const abandonments: AbandonmentName[] = [];
  const promoted = new Set<string>();
  for (const tag of tags) {
    if (tag.startsWith(promotedPrefix)) promoted.add(tag.slice(promotedPrefix.length));
    const name = parseRecordTag(tag);
    if (name?.kind === "rollback") rollbacks.push(name);
    else if (name?.kind === "abandonment") abandonments.push(name);
    else if (name !== undefined) releases.push(name);
  }
  const abandoned = new Set(abandonments.map(({ of }) => of));
  return {
    releases: releases.filter(({ tag }) => !abandoned.has(tag)).sort(compareReleases),
    rollbacks: rollbacks.sort(compareRollbacks),
    abandonments: abandonments.sort((left, right) => byCodeUnit(left.tag, right.tag)),
    promoted,
  };
}

/** The tags of all records of an index. */
export function recordTagsOf({ releases, rollbacks, abandonments }: RecordIndex): string[] {
  return [...releases, ...rollbacks, ...abandonments].map(({ tag }) => tag);
}

/** Parses the tag of a record; undefined for other tags. */
export function parseRecordTag(tag: string): RecordName | undefined {
  if (tag.startsWith(abandonedPrefix)) {
    const of = parseReleaseTag(tag.slice(abandonedPrefix.length));
    return of === undefined ? undefined : { kind: "abandonment", tag, group: of.group, of: of.tag };
  }
  const match = groupPattern.exec(tag);
  const [, group, body] = match !== null && !reserved.includes(match[1] ?? "") ? match : [];
  if (group === undefined || body === undefined) return parseBody(tag, defaultGroup, tag);
  if (group === defaultGroup) return undefined;
  return parseBody(tag, group, body);
}

/** Parses the tag of a release's record; undefined for other tags. */
export function parseReleaseTag(tag: string): ReleaseName | undefined {
  const name = parseRecordTag(tag);
  return name?.kind === "version" || name?.kind === "branch" ? name : undefined;
}

function parseBody(tag: string, group: string, body: string): RecordName | undefined {
  const branch = branchPattern.exec(body);
  if (branch !== null) {
    const [, slug = "", generation = "", sha = "", revision = "1"] = branch;
    return {
      kind: "branch",
      tag,
      group,
      branch: slug,
      generation: Number(generation),
      sha,
      revision: Number(revision),
    };
  }
  const rollback = rollbackPattern.exec(body);
  if (rollback !== null) {
    const [, sequence = "", nonce = "", target = ""] = rollback;
    const to = withGroup(group, target);
    if (parseReleaseTag(to) === undefined) return undefined;
    return { kind: "rollback", tag, group, sequence: Number(sequence), nonce, to };
  }
  const text = group === defaultGroup ? body : body.slice(1);
  const version = parseVersion(text.replace("_", "+"));
  return version === undefined ? undefined : { kind: "version", tag, group, version };
}

/** Makes the name of a release's record. Throws `usage` when the version does not parse or the name would be too long for a tag. */
export function makeReleaseName(group: string, subject: ReleaseSubject, commit: string): ReleaseName {
  const slug = groupSlug(group);
  if (subject.kind === "version") {
    const version = parseVersion(subject.version);
    if (version === undefined) throw notAVersion(subject.version);
    const text = subject.version.replace("+", "_");
    const tag = withGroup(slug, slug === defaultGroup ? text : `v${text}`);
    return { kind: "version", tag: checkLength(tag), group: slug, version };
  }
  const { generation, revision } = subject;
  if (!Number.isInteger(generation) || generation < 0 || generation > 99_999_999) {
    throw new SlipwayError(
      "repository",
      `releasing ${subject.branch}: a generation of ${generation} commits is out of range`,
    );
  }
  const branch = shorten(branchSlug(subject.branch), longestBranch);
  const sha = commit.slice(0, 12);
  const suffix = revision === 1 ? "" : `.${revision}`;
  const tag = withGroup(slug, `branch.${branch}.${String(generation).padStart(8, "0")}.${sha}${suffix}`);
  return { kind: "branch", tag: checkLength(tag), group: slug, branch, generation, sha, revision };
}

/** Makes the name of the record of a rollback to `to`. `nonce`: 8 hex digits. */
export function makeRollbackName(to: ReleaseName, sequence: number, nonce: string): RollbackName {
  const { group } = to;
  const target = group === defaultGroup ? to.tag : to.tag.slice(group.length + 1);
  const tag = withGroup(group, `rollback.${String(sequence).padStart(6, "0")}.${nonce}.${target}`);
  return { kind: "rollback", tag: checkLength(tag), group, sequence, nonce, to: to.tag };
}

/** Makes the name of the record of an abandonment. */
export function makeAbandonmentName({ tag, group }: ReleaseName): AbandonmentName {
  return { kind: "abandonment", tag: checkLength(`${abandonedPrefix}${tag}`), group, of: tag };
}

/** The name of a record on the command line and in messages. */
export function displayName(name: RecordName): string {
  return name.kind === "version" && name.group === defaultGroup ? name.version.text : name.tag;
}

/** The tag that marks a record as finished. */
export function promotedTag(recordTag: string): string {
  return `${promotedPrefix}${recordTag}`;
}

/**
 * Compares releases by name, newer is larger: as `compareReleases`, but 0 for versions that differ in build metadata only. Of those the one
 * that was released later is newer, which only their records say.
 */
export function comparePrecedence(left: ReleaseName, right: ReleaseName): number {
  if (left.kind === "version" && right.kind === "version") return compareVersions(left.version, right.version);
  return compareReleases(left, right);
}

/**
 * A total order, newer is larger: versions by precedence; branch releases by generation, then commit, revision, branch; a version is larger
 * than a branch release. Versions of equal precedence are ordered by text, for lists only: see `comparePrecedence`.
 */
export function compareReleases(left: ReleaseName, right: ReleaseName): number {
  if (left.kind === "version" && right.kind === "version") {
    return compareVersions(left.version, right.version) || byCodeUnit(left.tag, right.tag);
  }
  if (left.kind === "branch" && right.kind === "branch") {
    return (
      left.generation - right.generation ||
      byCodeUnit(left.sha, right.sha) ||
      left.revision - right.revision ||
      byCodeUnit(left.tag, right.tag)
    );
  }
  return left.kind === "version" ? 1 : -1;
}

/** A total order, later is larger. */
export function compareRollbacks(left: RollbackName, right: RollbackName): number {
  return left.sequence - right.sequence || byCodeUnit(left.nonce, right.nonce) || byCodeUnit(left.tag, right.tag);
}

/** A release group's name in record tags: no dots, no reserved word, at most 24 characters. */
export function groupSlug(group: string): string {
  if (group === defaultGroup) return group;
  const bytes = new TextEncoder().encode(group);
  const slug = [...bytes].map((byte, index) => escapeByte(byte, index)).join("");
  const first = slug.charCodeAt(0).toString(16);
  return shorten(reserved.includes(slug) ? `_${first}${slug.slice(1)}` : slug, longestGroup);
}

function escapeByte(byte: number, index: number): string {
  const char = String.fromCharCode(byte);
  return (index === 0 ? /[A-Za-z0-9]/ : /[A-Za-z0-9-]/).test(char) ? char : `_${byte.toString(16).padStart(2, "0")}`;
}

/** A branch's name in tags. Characters that tags cannot hold become `-`, as in `docker/metadata-action`; at most 100 characters. */
export function branchSlug(branch: string): string {
  const slug = branch.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^[.-]+/, "");
  return shorten(slug === "" ? `branch-${digestHex(digestOf(branch)).slice(0, 8)}` : slug, 100);
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 9)}-${digestHex(digestOf(text)).slice(0, 8)}`;
}

function withGroup(group: string, body: string): string {
  return group === defaultGroup ? body : `${group}.${body}`;
}

function checkLength(tag: string): string {
  if (isTag(promotedTag(tag))) return tag;
  throw new SlipwayError("usage", `"${tag}" is too long for the tag of a record`, {
    hint: "use a shorter version, branch or group name",
  });
}

function notAVersion(text: string): SlipwayError {
  const withoutV = text.replace(/^v/, "");
  const hint =
    parseVersion(withoutV) === undefined
      ? "give it as MAJOR.MINOR.PATCH, such as 1.2.0 or 1.2.0-rc.1 (semver.org)"
      : `write it without the v: ${withoutV}`;
  return new SlipwayError("version-invalid", `"${text}" is no semantic version`, { hint });
}
