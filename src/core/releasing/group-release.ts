import { largest } from "../../model/lists.ts";
import { SlipwayError } from "../../errors.ts";
import type { Plan } from "../../model/plan.ts";
import type { ReleaseSubject } from "../../model/release.ts";
import type { ReleaseGroup } from "../../model/service.ts";
import { abandonedFault } from "../../records/own-record.ts";
import {
  comparePrecedence,
  makeReleaseName,
  parseReleaseTag,
  type RecordIndex,
  type ReleaseName,
} from "../../records/record-names.ts";
import type { StoredRelease } from "../../records/records.ts";
import type { ReleaseHistory } from "../planning/release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** A release of one group that is to be made, with its existing record and the release before it. */
export interface GroupRelease {
  readonly group: ReleaseGroup;
  readonly subject: ReleaseSubject;
  /** Existing release of the same version, or the last release of the same commit of the branch. */
  readonly existing: StoredRelease | undefined;
  /** The release before. Its read starts at once and is awaited only at the commit. */
  readonly previous: Promise<StoredRelease | undefined>;
}

/** Opens the release of one group: reads its existing record and starts to read the release before it. */
export async function openRelease(
  { repository }: Workspace,
  history: ReleaseHistory,
  group: ReleaseGroup,
  wanted: ReleaseSubject,
): Promise<GroupRelease> {
  const index = await history.records();
  const subject = notAbandoned(index, group, wanted, repository.commit);
  const name = makeReleaseName(group.name, subject, repository.commit);
  const last = index.releases.filter((each) => isSameRelease(each, name)).at(-1);
  const older = {
    ...index,
    releases: index.releases.filter((each) => each !== last && comparePrecedence(each, last ?? name) <= 0),
  };
  const branch = subject.kind === "branch" ? subject.branch : undefined;
  const previous = history.latest(older, { group: group.name, branch });
  // This promise is awaited later, or never if planning fails first. Its rejection must not end the process.
  previous.catch(() => undefined);
  const existing = last === undefined ? undefined : await history.release(last.tag);
  return { group, subject, existing, previous };
}

/**
 * The subject to release, past abandoned ones. For a commit of a branch, the revision after the abandoned revisions. Throws `refused` for
 * an abandoned version.
 */
function notAbandoned(
  { abandonments }: RecordIndex,
  group: ReleaseGroup,
  subject: ReleaseSubject,
  commit: string,
): ReleaseSubject {
  const name = makeReleaseName(group.name, subject, commit);
  const same = abandonments
    .flatMap(({ of }) => parseReleaseTag(of) ?? [])
    .filter((abandoned) => isSameRelease(abandoned, name));
  if (same.length === 0) return subject;
  if (subject.kind === "version") throw abandonedFault(name.tag, "before");
  const revisions = same.map((each) => (each.kind === "branch" ? each.revision : 1));
  return { ...subject, revision: largest(revisions) + 1 };
}

/**
 * Whether two names are the same version, or revisions of the same commit of the same branch. `index.releases` has the latest revision
 * last.
 */
function isSameRelease(left: ReleaseName, right: ReleaseName): boolean {
  if (left.kind === "version" || right.kind === "version") return left.tag === right.tag;
  return (
    left.group === right.group &&
    left.branch === right.branch &&
    left.generation === right.generation &&
    left.sha === right.sha
  );
}

/**
 * The existing release of a version, if an earlier run committed it from this commit with all requested services: only its tags may need to
 * be promoted. A commit of a branch is never finished, because it may be released again when bases moved or images expired.
 */
export function finishedVersion(
  { repository }: Workspace,
  { group, subject, existing }: GroupRelease,
  services: readonly string[],
): StoredRelease | undefined {
  if (subject.kind !== "version" || existing === undefined) return undefined;
  if (repository.dirty || existing.manifest.commit !== repository.commit) return undefined;
  const has = new Set(existing.manifest.services.map(({ service }) => service));
  const isComplete = services.every((name) => has.has(name) || !group.services.includes(name));
  return isComplete ? existing : undefined;
}

/** Throws if the version exists and the plan builds a service of it, because its content would differ. Called before anything is built. */
export function checkExisting({ repository }: Workspace, { group, existing }: GroupRelease, plan: Plan): void {
  if (existing === undefined || existing.name.kind === "branch") return;
  const { commit, services } = existing.manifest;
  const own = plan.steps.filter(({ service, kind }) => kind !== "reuse" && group.services.includes(service));
  const built = own.filter(({ kind }) => kind === "build");
  if (built.length === 0) return;
  const absent = own.filter(({ service }) => !services.some((each) => each.service === service));
  const names = (absent.length > 0 ? absent : built).map(({ service }) => service).join(", ");
  const what = absent.length > 0 ? `without ${names}` : changedSince(repository, commit, names);
  const message = `${existing.name.tag} exists with other content: it was released from ${commit.slice(0, 7)}, ${what}`;
  throw new SlipwayError("version-taken", message, {
    hint: "a version never changes once it exists: release these images under the next version",
  });
}

function changedSince(repository: Workspace["repository"], commit: string, names: string): string {
  return `${repository.commit === commit ? "in the working tree" : "since then"} ${names} changed`;
}
