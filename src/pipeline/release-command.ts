import { SlipwayError } from "../errors.ts";
import type { ReleaseDocument } from "../model/documents.ts";
import type { ReleaseManifest, ReleaseSubject } from "../model/release.ts";
import type { Plan } from "../model/plan.ts";
import type { ReleaseGroup } from "../model/service.ts";
import { type Committed, commitRelease, differencesBetween } from "../release/commit.ts";
import { compareReleases, makeReleaseName, type RecordIndex, type ReleaseName } from "../release/record-names.ts";
import {
  latestReleaseName,
  makeRecordReader,
  readRecords,
  readRelease,
  type StoredRelease,
} from "../release/records.ts";
import { reconcile } from "../release/reconcile.ts";
import type { ServiceResult } from "./build.ts";
import { type BuildOptions, buildPlanned, describe, summarize } from "./build-command.ts";
import { makeManifest } from "./manifest.ts";
import { checkNames, planServices } from "./plan.ts";
import { planTags } from "./planned-tags.ts";
import { renderReleaseNotes } from "./release-notes.ts";
import type { Workspace } from "./workspace.ts";

export interface ReleaseRequest extends BuildOptions {
  /** Undefined: the branch is released. */
  readonly version: string | undefined;
  /** Release these; the rest keeps what the last release had. Empty: all. */
  readonly only: readonly string[];
  readonly group: string | undefined;
  readonly branch: string | undefined;
  readonly dryRun: boolean;
  readonly allowDirty: boolean;
}

/**
 * The whole job: plan, build, commit, promote, notes. Nothing visible moves before everything is built; after the commit the
 * release exists, and this command or any later one finishes it.
 */
export async function release(workspace: Workspace, request: ReleaseRequest): Promise<ReleaseDocument> {
  const started = workspace.host.monotonic();
  const { project, registry, repository } = workspace;
  checkNames(project.services, request.only);
  if (!request.dryRun) checkClean(workspace, request);
  const groups = selectGroups(project.groups, request);
  const subject = await readSubject(workspace, request);
  const index = await readRecords(registry, project.releases);
  const releases = await Promise.all(groups.map((group) => openRelease(workspace, group, subject, index)));

  const finished = releases.flatMap(({ existing }) => existing ?? []);
  const isFinished =
    finished.length === releases.length && finished.every(({ manifest }) => manifest.commit === repository.commit);
  // A version is what it is. A commit of a branch may be released again: bases moved, or images are too old.
  if (subject.kind === "version" && isFinished && !request.dryRun) return finish(workspace, finished, started);
  const names = servicesOf(groups, request);
  const planned = await planServices(workspace, { services: names, force: request.force });
  for (const { existing } of releases) checkExisting(existing, planned.plan, repository.commit);
  if (request.dryRun) {
    const tags = groups.flatMap((group) => planTags(workspace, { group, subject, index, services: names }));
    return { version: 1, state: "dry-run", plan: planned.plan, services: [], tags, releases: [], notes: null };
  }

  const version = subject.kind === "version" ? subject.version : undefined;
  const results = await buildPlanned(workspace, planned, request, version);
  const services = results.map(describe);
  if (results.some(({ image }) => image === undefined)) {
    workspace.emit(summarize(workspace, results, started));
    return { version: 1, state: "failed", plan: planned.plan, services, tags: [], releases: [], notes: null };
  }
  const own = results.filter(({ service }) => names.length === 0 || names.includes(service.name));
  const committed = [];
  for (const each of releases) committed.push(await commitAndPromote(workspace, each, subject, own));
  const state = committed.every(({ already }) => already) ? "already" : "released";
  workspace.emit({ kind: "phase", phase: "notes" });
  const stored = committed.map(({ stored }) => stored);
  const notes = committed.map(({ notes }) => notes).join("\n");
  workspace.emit(summarize(workspace, results, started));
  return { version: 1, state, plan: planned.plan, services, tags: [], releases: stored.map(asRelease), notes };
}

/** A release of one group: what is there already, and the release before it. */
interface GroupRelease {
  readonly group: ReleaseGroup;
  /** The same version, or the last release of the same commit. */
  readonly existing: StoredRelease | undefined;
  /** Asked for at once, and not needed before the commit. */
  readonly previous: Promise<StoredRelease | undefined>;
}

async function openRelease(
  { project, registry, repository }: Workspace,
  group: ReleaseGroup,
  subject: ReleaseSubject,
  index: RecordIndex,
): Promise<GroupRelease> {
  const name = makeReleaseName(group.name, subject, repository.commit);
  const last = index.releases.filter((each) => isSameRelease(each, name)).at(-1);
  const older = { ...index, releases: index.releases.filter((each) => compareReleases(each, last ?? name) < 0) };
  const branch = subject.kind === "branch" ? subject.branch : undefined;
  const before = latestReleaseName(older, { group: group.name, branch });
  const previous =
    before === undefined ? Promise.resolve(undefined) : readRelease(registry, project.releases, before.tag);
  // Whoever needs it hears of its fault; where planning fails first, nobody does.
  previous.catch(() => undefined);
  const existing = last === undefined ? undefined : await readRelease(registry, project.releases, last.tag);
  return { group, existing, previous };
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

/** The release was committed by an earlier run from this commit: what is left is to send the tags where they belong. */
async function finish(
  workspace: Workspace,
  finished: readonly StoredRelease[],
  started: number,
): Promise<ReleaseDocument> {
  for (const stored of finished) {
    workspace.emit({ kind: "committed", record: stored.name.tag, digest: stored.raw.digest, already: true });
    await promote(workspace, stored, { manifests: new Map(), records: undefined }, true);
  }
  const notes = await renderReleaseNotes(workspace, finished, []);
  workspace.emit(summarize(workspace, [], started));
  return { version: 1, state: "already", plan: null, services: [], tags: [], releases: finished.map(asRelease), notes };
}

async function commitAndPromote(
  workspace: Workspace,
  release: GroupRelease,
  subject: ReleaseSubject,
  results: readonly ServiceResult[],
): Promise<{ stored: StoredRelease; already: boolean; notes: string }> {
  const { host, registry, emit, project } = workspace;
  host.signal.throwIfAborted();
  emit({ kind: "phase", phase: "commit" });
  const own = results.filter(({ service }) => service.group === release.group.name);
  const previous = await release.previous;
  const manifest = makeNextManifest(workspace, { ...release, previous }, subject, own);
  const indexes = new Map(
    own.flatMap(({ service, image }) => (image === undefined ? [] : [[service.name, image.index]])),
  );
  // Where a build took its time, what was seen before it is asked for again.
  const isAllReused = results.every(({ outcome }) => outcome.kind === "reused");
  const request = { releases: project.releases, manifest, indexes, seen: new Set(isAllReused ? indexes.keys() : []) };
  const committed = await commitRelease(host, registry, request, emit);
  const { stored, already } = committed;
  const [promoted, notes] = await Promise.allSettled([
    promote(workspace, stored, committed, already),
    renderReleaseNotes(workspace, [stored], results, previous),
  ]);
  if (promoted.status === "rejected") throw promoted.reason;
  if (notes.status === "rejected") throw notes.reason;
  return { stored, already, notes: notes.value };
}

/** The manifest to commit; a commit of a branch that was released with other images gets its next revision. */
function makeNextManifest(
  workspace: Workspace,
  { group, existing, previous }: Omit<GroupRelease, "previous"> & { readonly previous: StoredRelease | undefined },
  subject: ReleaseSubject,
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

/** `all`: look at the tags of all releases; for a command that is repeated because something looks wrong. */
async function promote(
  { host, registry, emit, project }: Workspace,
  stored: StoredRelease,
  { manifests, records }: Pick<Committed, "manifests" | "records">,
  all: boolean,
): Promise<void> {
  emit({ kind: "phase", phase: "promote" });
  const reader = makeRecordReader(registry, project.releases);
  reader.remember(stored.name.tag, stored);
  const request = {
    releases: project.releases,
    services: project.services,
    own: stored,
    reader,
    manifests,
    records,
    all,
  };
  await reconcile(host, registry, request, emit);
}

/** A version that exists from another commit can only be the same when nothing is to be built; said before anything is. */
function checkExisting(existing: StoredRelease | undefined, plan: Plan, commit: string): void {
  if (existing === undefined || existing.name.kind === "branch" || existing.manifest.commit === commit) return;
  const builds = plan.steps.filter(({ kind }) => kind !== "reuse").map(({ service }) => service);
  if (builds.length === 0) return;
  const from = existing.manifest.commit.slice(0, 7);
  const message = `${existing.name.tag} exists with other content: it was released from ${from}, since then ${builds.join(", ")} changed`;
  throw new SlipwayError("refused", message, {
    hint: "a version never changes once it exists: release these images under the next version",
  });
}

function checkClean({ repository }: Workspace, { allowDirty }: ReleaseRequest): void {
  if (!repository.dirty || allowDirty) return;
  const paths = repository.changes.map(({ path }) => `  ${path}`);
  const shown = paths.length > 8 ? [...paths.slice(0, 8), `  and ${paths.length - 8} more`] : paths;
  throw new SlipwayError("repository", `the working tree has changes that are not committed:\n${shown.join("\n")}`, {
    hint: "commit or stash them; or release them as they are with --allow-dirty",
  });
}

function selectGroups(
  groups: readonly ReleaseGroup[],
  { group, version }: Pick<ReleaseRequest, "group" | "version">,
): readonly ReleaseGroup[] {
  if (group !== undefined) {
    const found = groups.find(({ name }) => name === group);
    if (found !== undefined) return [found];
    const known = groups.map(({ name }) => name).join(", ");
    throw new SlipwayError("usage", `there is no release group "${group}"`, { hint: `the groups are: ${known}` });
  }
  if (version === undefined || groups.length === 1) return groups;
  const known = groups.map(({ name }) => name).join(", ");
  throw new SlipwayError("usage", `a version belongs to one release group, and there are several: ${known}`, {
    hint: `slipway release ${version} --group ${groups[0]?.name ?? ""}`,
  });
}

async function readSubject(
  { repository }: Workspace,
  { version, branch: given }: Pick<ReleaseRequest, "version" | "branch">,
): Promise<ReleaseSubject> {
  if (version !== undefined) return { kind: "version", version: version.replace(/^v(?=\d)/, "") };
  const branch = given ?? repository.branch;
  if (branch === undefined) {
    throw new SlipwayError("usage", "no version was given, and no branch is checked out", {
      hint: "give a version (slipway release 1.2.0) or the branch (--branch main)",
    });
  }
  const { commit } = repository;
  const [generation, committedAt] = await Promise.all([repository.generation(commit), repository.committedAt(commit)]);
  return { kind: "branch", branch, generation, committedAt, revision: 1 };
}

function servicesOf(groups: readonly ReleaseGroup[], { only }: ReleaseRequest): readonly string[] {
  const inGroups = groups.flatMap(({ services }) => services);
  const outside = only.find((name) => !inGroups.includes(name));
  if (outside !== undefined) {
    throw new SlipwayError(
      "usage",
      `"${outside}" is not in the release group ${groups.map(({ name }) => name).join(", ")}`,
      {
        hint: `it has: ${inGroups.join(", ")}`,
      },
    );
  }
  return only.length > 0 ? only : inGroups;
}

function asRelease({ name, manifest }: StoredRelease): ReleaseDocument["releases"][number] {
  return { record: name.tag, manifest };
}
