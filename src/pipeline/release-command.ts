import type { ReleaseDocument } from "../model/documents.ts";
import type { Plan } from "../model/plan.ts";
import { spokenName } from "../release/record-names.ts";
import { readRecords, type StoredRelease } from "../release/records.ts";
import type { ServiceResult } from "./build.ts";
import { releasedNames } from "./check-pushes.ts";
import { buildPlanned, describe, summarize } from "./build-command.ts";
import {
  checkExisting,
  commitAndPromote,
  finishedVersion,
  type GroupRelease,
  openRelease,
  previewGroup,
  promote,
  type Promoted,
} from "./group-release.ts";
import { chooseVersion } from "./choose-version.ts";
import { releaseOnGitHub } from "./github-release.ts";
import { planServices } from "./plan.ts";
import { type PlannedResult, plannedResults } from "./planned-results.ts";
import { renderReleaseNotes } from "./release-notes.ts";
import { readScope, type ReleaseRequest, type ReleaseScope } from "./release-request.ts";
import type { Workspace } from "./workspace.ts";

export type { ReleaseRequest } from "./release-request.ts";

/**
 * The whole job: plan, build, commit, promote, notes, the GitHub release. Nothing visible moves before everything is built; after
 * the commit the release exists, and this command or any later one finishes it.
 */
export function release(workspace: Workspace, request: ReleaseRequest): Promise<ReleaseDocument> {
  return releaseWith(workspace, request, async (services, releases, version) => {
    const planned = await planServices(workspace, { services, force: request.force });
    for (const each of releases) checkExisting(workspace, each, planned.plan);
    const { plan } = planned;
    if (request.dryRun) return { plan, results: [], planned: plannedResults(planned), because: null, isSeen: true };
    const writes = releasedNames(
      workspace.project,
      plan.steps.map(({ service }) => service),
    );
    const results = await buildPlanned(workspace, planned, request, { version, plan, writes });
    return { plan, results, planned: [], because: null, isSeen: true };
  });
}

/** What a release is made of. `because`: what to do when it cannot be made. */
export interface Made {
  readonly plan: Plan;
  readonly results: readonly ServiceResult[];
  /** In a dry run: what the results would be. */
  readonly planned: readonly PlannedResult[];
  readonly because: string | null;
  /** What is reused was seen whole in the registry by this command. */
  readonly isSeen: boolean;
}

/** Plans and builds these services for these releases; called only when something is to be released anew. */
export type Make = (
  services: readonly string[],
  releases: readonly GroupRelease[],
  version: string | undefined,
) => Promise<Made>;

/** A release of what `make` gives, on GitHub, too, where that is asked for. */
export async function releaseWith(workspace: Workspace, request: ReleaseRequest, make: Make): Promise<ReleaseDocument> {
  return releaseOnGitHub(workspace, request, await releaseImages(workspace, request, make));
}

async function releaseImages(workspace: Workspace, request: ReleaseRequest, make: Make): Promise<ReleaseDocument> {
  const chosen = await chooseVersion(workspace, request);
  if (chosen === undefined) return releaseAs(workspace, request, make);
  const { because } = chosen;
  if (chosen.kind === "nothing") {
    return { version: 1, state: "nothing", because, plan: null, services: [], tags: [], releases: [], notes: null };
  }
  const { version, group } = chosen;
  const document = await releaseAs(workspace, { ...request, version, group }, make);
  return { ...document, because: document.because ?? because };
}

async function releaseAs(workspace: Workspace, request: ReleaseRequest, make: Make): Promise<ReleaseDocument> {
  const started = workspace.host.monotonic();
  const { project, registry } = workspace;
  const scope = await readScope(workspace, request);
  const { groups, services, subject } = scope;
  const index = await readRecords(registry, project.releases);
  const releases = await Promise.all(groups.map((group) => openRelease(workspace, group, subject, index)));
  const finished = releases.flatMap((each) => finishedVersion(workspace, each, services) ?? []);
  if (finished.length === releases.length && !request.dryRun) return finish(workspace, finished, started);

  const made = await make(services, releases, subject.kind === "version" ? subject.version : undefined);
  if (request.dryRun) {
    const own = made.planned.filter(({ result }) => services.includes(result.service.name));
    const tags = await Promise.all(releases.map((each) => previewGroup(workspace, each, own, index)));
    const nothing = { because: null, services: [], releases: [], notes: null } as const;
    return { version: 1, state: "dry-run", plan: made.plan, tags: tags.flat(), ...nothing };
  }
  const document = await releaseMade(workspace, scope, releases, made);
  workspace.emit(summarize(workspace, made.results, started));
  return document;
}

/** Commits and promotes what was made, one group after the other; nothing when a service failed. */
async function releaseMade(
  workspace: Workspace,
  scope: ReleaseScope,
  releases: readonly GroupRelease[],
  { plan, results, because, isSeen }: Made,
): Promise<ReleaseDocument> {
  const document = { version: 1, because: null, plan, services: results.map(describe), tags: [] } as const;
  if (results.some(({ image }) => image === undefined)) {
    return { ...document, state: "failed", because, releases: [], notes: null };
  }
  // What they need is built with them, and released with its own.
  const own = results.filter(({ service }) => scope.services.includes(service.name));
  const promoted: Promoted[] = [];
  for (const each of releases) promoted.push(await commitAndPromote(workspace, each, own, isSeen));
  workspace.emit({ kind: "phase", phase: "notes" });
  return {
    ...document,
    state: promoted.every(({ already }) => already) ? "already" : "released",
    releases: promoted.map(({ stored }) => asRelease(stored)),
    notes: promoted.map(({ notes }) => notes).join("\n"),
  };
}

/** The release was committed by an earlier run from this commit: what is left is to send the tags where they belong. */
async function finish(
  workspace: Workspace,
  finished: readonly StoredRelease[],
  started: number,
): Promise<ReleaseDocument> {
  for (const stored of finished) {
    workspace.emit({
      kind: "committed",
      record: stored.name.tag,
      release: spokenName(stored.name),
      digest: stored.raw.digest,
      already: true,
    });
    await promote(workspace, stored, { manifests: new Map(), records: undefined }, true);
  }
  const notes = await renderReleaseNotes(workspace, finished, []);
  workspace.emit(summarize(workspace, [], started));
  const nothing = { because: null, plan: null, services: [], tags: [] } as const;
  return { version: 1, state: "already", ...nothing, releases: finished.map(asRelease), notes };
}

function asRelease({ name, manifest }: StoredRelease): ReleaseDocument["releases"][number] {
  return { record: name.tag, manifest, githubRelease: null };
}
