import { SlipwayError } from "../errors.ts";
import type { PlannedTag } from "../model/documents.ts";
import type { Plan } from "../model/plan.ts";
import type { ReleaseManifest, ReleaseSubject } from "../model/release.ts";
import type { ReleaseGroup } from "../model/service.ts";
import { settleAll } from "../model/settle.ts";
import { type Committed, commitRelease } from "../release/commit.ts";
import { differencesBetween } from "../release/release-differences.ts";
import { abandonedFault } from "../release/own-record.ts";
import {
  comparePrecedence,
  makeReleaseName,
  parseReleaseTag,
  type RecordIndex,
  type ReleaseName,
} from "../release/record-names.ts";
import { makeRecordReader, readLatest, readReleaseRecord, type StoredRelease } from "../release/records.ts";
import { previewRelease } from "../release/preview-release.ts";
import { reconcile } from "../release/reconcile.ts";
import type { ServiceResult } from "./build.ts";
import type { PlannedResult } from "./planned-results.ts";
import { throwIfInterrupted } from "./interrupted.ts";
import { makeManifest } from "./manifest.ts";
import { renderReleaseNotes } from "./release-notes.ts";
import type { Workspace } from "./workspace.ts";

/** A release of one group that is to be made: what is there already, and the release before it. */
export interface GroupRelease {
  readonly group: ReleaseGroup;
  readonly subject: ReleaseSubject;
  /** The same version, or the last release of the same commit of the branch. */
  readonly existing: StoredRelease | undefined;
  /** Asked for at once, and not needed before the commit. */
  readonly previous: Promise<StoredRelease | undefined>;
}

/** Looks for what there is of a release already. */
export async function openRelease(
  { project, registry, repository }: Workspace,
  group: ReleaseGroup,
  wanted: ReleaseSubject,
  index: RecordIndex,
): Promise<GroupRelease> {
  const subject = notAbandoned(index, group, wanted, repository.commit);
  const name = makeReleaseName(group.name, subject, repository.commit);
  const last = index.releases.filter((each) => isSameRelease(each, name)).at(-1);
  const older = {
    ...index,
    releases: index.releases.filter((each) => each !== last && comparePrecedence(each, last ?? name) <= 0),
  };
  const branch = subject.kind === "branch" ? subject.branch : undefined;
  const previous = readLatest(registry, project.releases, older, { group: group.name, branch });
  // It is awaited later, or never when planning fails first: its rejection must not end the process.
  previous.catch(() => undefined);
  const existing = last === undefined ? undefined : await readReleaseRecord(registry, project.releases, last.tag);
  return { group, subject, existing, previous };
}

/**
 * What is asked for, if it was not abandoned. A commit of a branch goes on with the revision after the abandoned ones; throws
 * `refused` for a version.
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
  return { ...subject, revision: Math.max(...revisions) + 1 };
}

/** The same version, or any revision of the same commit of the same branch. `index.releases` has the last one last. */
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
 * The version, when it was committed by an earlier run from this commit with all that is asked for: what is left is to send its
 * tags where they belong. A commit of a branch may be released again: bases moved, or images are too old.
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

/** A version that exists can only be the same when nothing of it is to be built; said before anything is. */
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
  throw new SlipwayError("refused", message, {
    hint: "a version never changes once it exists: release these images under the next version",
  });
}

function changedSince(repository: Workspace["repository"], commit: string, names: string): string {
  return `${repository.commit === commit ? "in the working tree" : "since then"} ${names} changed`;
}

/** A release that exists now, with all its tags where they belong. */
export interface Promoted {
  readonly stored: StoredRelease;
  /** It was there before. */
  readonly already: boolean;
  readonly notes: string;
}

/** Commits a group's release and sends its tags where they belong. `results`: of all services that were planned for it; `isSeen`: this command saw their images in the registry. */
export async function commitAndPromote(
  workspace: Workspace,
  release: GroupRelease,
  results: readonly ServiceResult[],
  isSeen: boolean,
): Promise<Promoted> {
  const { host, registry, emit, project } = workspace;
  throwIfInterrupted(host.signal, `interrupted before committing the release of group ${release.group.name}`);
  emit({ kind: "phase", phase: "commit" });
  const own = results.filter(({ service }) => service.group === release.group.name);
  const previous = await release.previous;
  const manifest = makeNextManifest(workspace, release, previous, own);
  const indexes = new Map(
    own.flatMap(({ service, image }) => (image?.index === undefined ? [] : [[service.name, image.index]])),
  );
  // Where a build took its time, what was seen before it is asked for again.
  const isAllReused = isSeen && results.every(({ outcome }) => outcome.kind === "reused");
  const { releases, services } = project;
  const request = { releases, services, manifest, indexes, seen: new Set(isAllReused ? indexes.keys() : []) };
  const committed = await commitRelease(host, registry, request, emit);
  const { stored, already } = committed;
  const [final, notes] = await settleAll([
    promote(workspace, stored, committed, already),
    renderReleaseNotes(workspace, [stored], results, previous),
  ]);
  // Another run's record of the same inputs took the place of this one's: the notes are to have its digests.
  const isOwn = final.raw.digest === stored.raw.digest;
  const text = isOwn ? notes : await renderReleaseNotes(workspace, [final], results, previous);
  return { stored: final, already, notes: text };
}

/** The manifest to commit; a commit of a branch that was released with other images gets its next revision. */
function makeNextManifest(
  workspace: Workspace,
  { group, subject, existing }: GroupRelease,
  previous: StoredRelease | undefined,
  results: readonly ServiceResult[],
): ReleaseManifest {
  const last = existing?.manifest.subject;
  if (existing === undefined || subject.kind === "version" || last?.kind !== "branch") {
    return makeManifest(workspace, { group, subject, previous, results });
  }
  const again = makeManifest(workspace, { group, subject: last, previous, results });
  if (differencesBetween(existing.manifest, again).length === 0) return again;
  const next = { ...subject, revision: last.revision + 1 };
  return makeManifest(workspace, { group, subject: next, previous: existing, results });
}

/** What a group's release would do to tags, from what is planned. Throws what the release would. */
export async function previewGroup(
  workspace: Workspace,
  release: GroupRelease,
  planned: readonly PlannedResult[],
  index: RecordIndex,
): Promise<PlannedTag[]> {
  const { host, registry, project } = workspace;
  const { releases, services } = project;
  const own = planned.filter(({ result }) => result.service.group === release.group.name);
  const results = own.map(({ result }) => result);
  const manifest = makeNextManifest(workspace, release, await release.previous, results);
  const unbuilt = new Set(own.flatMap(({ result, isBuilt }) => (isBuilt ? [] : [result.service.name])));
  return previewRelease(host, registry, { releases, services, index, manifest, unbuilt });
}

/**
 * Sends the tags of a release where they belong, and gives the release as it is recorded at the end. `all`: look at the tags of all
 * releases; for a command that is repeated because something looks wrong.
 */
export async function promote(
  { host, registry, emit, project }: Workspace,
  stored: StoredRelease,
  { manifests, records }: Pick<Committed, "manifests" | "records">,
  all: boolean,
): Promise<StoredRelease> {
  emit({ kind: "phase", phase: "promote" });
  const reader = makeRecordReader(registry, project.releases);
  reader.remember(stored.name.tag, stored);
  const { releases, services } = project;
  const request = { releases, services, own: stored, reader, manifests, records, all };
  const { own = stored } = await reconcile(host, registry, request, emit);
  return own;
}
