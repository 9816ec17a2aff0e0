import type { ReleaseDocument } from "../../model/documents.ts";
import type { Plan } from "../../model/plan.ts";
import { settleAll } from "../../model/settle.ts";
import { type Committed, commitRelease } from "../../records/commit.ts";
import { displayName } from "../../records/record-names.ts";
import type { StoredRelease } from "../../records/records.ts";
import { reconcile } from "../../records/reconcile.ts";
import { attestRecord, proveRelease, type ReleaseProof } from "../attesting/attest-release.ts";
import type { Attester } from "../attesting/attester.ts";
import { attestOnGitHub } from "./attestations-on-github.ts";
import type { GroupRelease } from "./group-release.ts";
import type { RecordedBase } from "../../model/release.ts";
import { throwIfInterrupted } from "../workspace/interrupted.ts";
import type { Ahead } from "./ahead.ts";
import { imagesOf, makeNextManifest } from "./manifest.ts";
import type { OpenedReleases, OpenReleases } from "./open-releases.ts";
import { renderReleaseNotes } from "./release-notes.ts";
import { describe, hasImage, type ServiceResult } from "../building/service-result.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Results to release. */
export interface ReleasedResults {
  readonly plan: Plan;
  /** Results of all services of the plan. */
  readonly results: readonly ServiceResult[];
  /** What to do when a service has no image; null: the service's outcome says it. */
  readonly because: string | null;
  /** Whether this command found every reused image complete in the registry. */
  readonly isSeen: boolean;
  /** Signs the release; undefined: the run does not sign. */
  readonly attester: Attester | undefined;
  /** What the command began ahead of the commit; undefined: nothing. */
  readonly ahead?: Ahead | undefined;
  /** Images that services started from; undefined: not known. */
  readonly bases?: readonly RecordedBase[] | undefined;
}

/**
 * Commits the results, promotes each release's tags and renders the notes, one group after the other. If a service failed, moves nothing
 * and sets `state` to `failed`.
 */
export async function commitReleases(
  workspace: Workspace,
  opened: OpenReleases,
  { plan, results, because, isSeen, attester, ahead, bases }: ReleasedResults,
): Promise<ReleaseDocument> {
  const document = { version: 1, plan, services: results.map(describe), tags: [] } as const;
  if (!results.every(hasImage)) {
    return { ...document, because: because ?? opened.because, state: "failed", releases: [], notes: null };
  }
  // Services of other groups were built because these need them. They are released with their own group.
  const own = results.filter(({ service }) => opened.services.includes(service.name));
  const promoted: Promoted[] = [];
  const proof: ReleaseProof = { attester, bundles: [] };
  for (const each of opened.releases)
    promoted.push(await commitAndPromote(workspace, each, own, { isSeen, proof, ahead, bases }));
  await attestOnGitHub(workspace, attester?.choice.kind === "keyless" ? proof.bundles : []);
  workspace.emit({ kind: "phase", phase: "notes" });
  return {
    ...document,
    because: opened.because,
    state: promoted.every(({ already }) => already) ? "already" : "released",
    releases: promoted.map(({ stored }) => asRelease(stored)),
    notes: promoted.map(({ notes }) => notes).join("\n"),
  };
}

/** Promotes the tags of releases that an earlier run committed from this commit, and renders their notes. */
export async function finishReleases(
  workspace: Workspace,
  { because, stored: finished }: Extract<OpenedReleases, { kind: "finished" }>,
): Promise<ReleaseDocument> {
  for (const stored of finished) {
    const { name, raw } = stored;
    const release = displayName(name);
    workspace.emit({ kind: "committed", record: name.tag, release, digest: raw.digest, already: true });
    await promote(workspace, stored, { manifests: new Map(), records: undefined, tags: undefined }, true);
  }
  const notes = await renderReleaseNotes(workspace, finished, []);
  const nothing = { plan: null, services: [], tags: [] } as const;
  return { version: 1, state: "already", because, ...nothing, releases: finished.map(asRelease), notes };
}

function asRelease({ name, manifest }: StoredRelease): ReleaseDocument["releases"][number] {
  return { record: name.tag, manifest, githubRelease: null };
}

/** A committed release with all its tags in place. */
interface Promoted {
  readonly stored: StoredRelease;
  /** Whether an earlier run had committed the release. */
  readonly already: boolean;
  readonly notes: string;
}

async function commitAndPromote(
  workspace: Workspace,
  release: GroupRelease,
  results: readonly ServiceResult[],
  {
    isSeen,
    proof,
    ahead,
    bases,
  }: Pick<ReleasedResults, "isSeen" | "ahead" | "bases"> & { readonly proof: ReleaseProof },
): Promise<Promoted> {
  const { host, registry, emit, project } = workspace;
  throwIfInterrupted(host.signal, `interrupted before committing the release of group ${release.group.name}`);
  emit({ kind: "phase", phase: "commit" });
  const own = results.filter(({ service }) => service.group === release.group.name);
  const previous = await release.previous;
  const wanted = makeNextManifest(workspace, release, previous, { images: imagesOf(workspace, own), bases });
  const indexes = new Map(own.flatMap(({ service, index }) => (index === undefined ? [] : [[service.name, index]])));
  // Builds take minutes, in which a reused image may be deleted. After a build, the commit checks every image again.
  const isAllReused = isSeen && results.every(({ outcome }) => outcome.kind === "reused");
  // A run that signs also looks at signatures while it makes images whole.
  const prepared = isAllReused && proof.attester === undefined ? await ahead?.prepared(wanted) : undefined;
  const manifest = prepared?.manifest ?? wanted;
  const { releases, services } = project;
  await proveRelease(workspace, proof, manifest, indexes);
  const request = {
    releases,
    services,
    manifest,
    indexes,
    seen: new Set(isAllReused ? indexes.keys() : []),
    isSigned: proof.attester !== undefined,
    beforePut: attestRecord(workspace, proof, manifest),
    upload: ahead?.upload(),
    prepared,
  };
  const committed = await commitRelease(host, registry, request, emit);
  const { stored, already } = committed;
  const [final, notes] = await settleAll([
    promote(workspace, stored, committed, already),
    renderReleaseNotes(workspace, [stored], results, previous),
  ]);
  // Another run's record of the same inputs replaced this one, so the notes must name its digests.
  const isOwn = final.raw.digest === stored.raw.digest;
  const text = isOwn ? notes : await renderReleaseNotes(workspace, [final], results, previous);
  return { stored: final, already, notes: text };
}

/**
 * Promotes a release's tags and returns the release as it is finally recorded. `all`: check the tags of all releases, for a command that is
 * repeated because a tag looks wrong.
 */
async function promote(
  { host, registry, emit, project }: Workspace,
  stored: StoredRelease,
  { manifests, records, tags }: Pick<Committed, "manifests" | "records" | "tags">,
  all: boolean,
): Promise<StoredRelease> {
  emit({ kind: "phase", phase: "promote" });
  const { releases, services } = project;
  const request = { releases, services, own: stored, manifests, records, tags, all };
  const { own = stored } = await reconcile(host, registry, request, emit);
  return own;
}
