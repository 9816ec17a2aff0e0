import { errorMessage, isInterruption, SlipwayError } from "../../errors.ts";
import { findGitHub } from "../../github/context.ts";
import type { RunTimes } from "../../github/workflow-runs.ts";
import type { HistoryDocument, HistoryRelease, HistoryRun } from "../../model/history-document.ts";
import { makeLimit } from "../../model/limit.ts";
import { byKey } from "../../model/order.ts";
import type { ReleaseManifest } from "../../model/release.ts";
import { compareReleases, type ReleaseName } from "../../records/record-names.ts";
import { readRecords, readRelease, type StoredRelease } from "../../records/records.ts";
import { checkNames } from "../planning/plan.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { chooseRecords } from "./choose-records.ts";
import { sumHistory } from "./sum-history.ts";

/** The part of the history to read. */
export interface HistoryRequest {
  /** Names of services; empty: all. */
  readonly services: readonly string[];
  /** ISO 8601; undefined: from the first release on. */
  readonly since: string | undefined;
  /** Number of releases, the newest first. */
  readonly limit: number;
}

/**
 * Reads what releases built and why, what it took and saved, from the records alone; with a token also the times of their runs from GitHub. What
 * is not known is null.
 */
export async function readHistory(workspace: Workspace, request: HistoryRequest): Promise<HistoryDocument> {
  const { host, project } = workspace;
  checkNames(project.services, request.services);
  const notes: string[] = [];
  const stored = await readStored(workspace, request, notes);
  const readRun = await makeRunReader(workspace, stored, notes);
  const releases = await Promise.all(
    stored.map(async ({ name, manifest }) => describeRelease(name, manifest, request, await readRun(manifest))),
  );
  return { version: 1, readAt: host.now(), releases, totals: sumHistory(releases), notes };
}

async function readStored(
  { registry, project }: Workspace,
  { since, limit, services }: HistoryRequest,
  notes: string[],
): Promise<StoredRelease[]> {
  const { releases } = await readRecords(registry, project.releases);
  const { chosen, left } = chooseRecords([...releases].sort(compareReleases), limit);
  if (left > 0)
    notes.push(`${left} older records of ${chosen.length + left} were not read: there are many lines of releases`);
  const parallel = makeLimit(32);
  const read = await Promise.all(
    chosen.map(({ tag }) =>
      parallel(() =>
        readRelease(registry, project.releases, tag).catch((error: unknown) => keepUnreadable(tag, error, notes)),
      ),
    ),
  );
  return read
    .flatMap((each) => each ?? [])
    .filter(({ manifest }) => since === undefined || Date.parse(manifest.releasedAt) >= Date.parse(since))
    .filter(
      ({ manifest }) => services.length === 0 || manifest.services.some(({ service }) => services.includes(service)),
    )
    .sort(byKey(({ manifest }) => manifest.releasedAt))
    .reverse()
    .slice(0, limit);
}

/** Notes that a record cannot be read, because a later version wrote it or it is damaged. Returns nothing in its place. */
function keepUnreadable(tag: string, error: unknown, notes: string[]): undefined {
  if (isInterruption(error) || !(error instanceof SlipwayError)) throw error;
  notes.push(`the record ${tag} is left out: ${errorMessage(error)}`);
  return undefined;
}

function describeRelease(
  name: ReleaseName,
  { group, subject, commit, releasedAt, services }: ReleaseManifest,
  request: HistoryRequest,
  run: HistoryRun | null,
): HistoryRelease {
  return {
    record: name.tag,
    group,
    version: subject.kind === "version" ? subject.version : null,
    branch: subject.kind === "branch" ? subject.branch : null,
    commit,
    releasedAt,
    run,
    services: services
      .filter(({ service }) => request.services.length === 0 || request.services.includes(service))
      .map(({ service, origin, digest, buildSeconds, work, platforms }) => ({
        service,
        origin,
        digest,
        buildSeconds,
        work: work ?? null,
        platforms: platforms.map(({ platform, size }) => ({ platform, size })),
      })),
  };
}

/** Makes a function that describes the run of a release. It asks GitHub where there is a token, a few runs at a time. */
async function makeRunReader(
  workspace: Workspace,
  stored: readonly StoredRelease[],
  notes: string[],
): Promise<(manifest: ReleaseManifest) => Promise<HistoryRun | null>> {
  const context = findGitHub(workspace, workspace.repository.remote);
  const hasRuns = stored.some(({ manifest }) => manifest.run !== undefined);
  if (!hasRuns || context?.token === undefined) {
    if (hasRuns) notes.push("GitHub was not asked for the times of runs: there is no token (GH_TOKEN)");
    return ({ run }) => Promise.resolve(run === undefined ? null : describeRun(run, undefined));
  }
  const [{ makeGitHubClient }, { readRunTimes }] = await Promise.all([
    import("../../github/client.ts"),
    import("../../github/workflow-runs.ts"),
  ]);
  const client = makeGitHubClient(workspace.host, { ...context, token: context.token, emit: workspace.emit });
  const parallel = makeLimit(4);
  let isRefused = false;
  return async ({ run }) => {
    if (run === undefined) return null;
    const times = await parallel(async () => {
      if (isRefused) return undefined;
      try {
        return await readRunTimes(client, Number(run.id), run.attempt);
      } catch (error) {
        if (isInterruption(error)) throw error;
        if (!isRefused) notes.push(`the times of runs are not known: ${errorMessage(error)}`);
        isRefused = true;
        return undefined;
      }
    });
    return describeRun(run, times);
  };
}

function describeRun(run: NonNullable<ReleaseManifest["run"]>, times: RunTimes | undefined): HistoryRun {
  const unknown = { url: null, queueSeconds: null, jobSeconds: null, conclusion: null };
  return { id: run.id, attempt: run.attempt, ...(times ?? unknown) };
}
