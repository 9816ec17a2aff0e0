import type { Plan } from "../../model/plan.ts";
import type { Platform } from "../../model/platform.ts";
import { definitionFields } from "../../inputs/definition-fields.ts";
import { reusedImages } from "../../plan/plan-release.ts";
import { chooseSigning } from "../attesting/open-attester.ts";
import { fillMatrices } from "./fill-matrices.ts";
import { checkExisting, type GroupRelease } from "../releasing/group-release.ts";
import { openGroups } from "../releasing/open-releases.ts";
import type { RequestedRelease, PlannedDefinition, RunPlan } from "../planning/parts.ts";
import { makeObserver } from "../planning/observer.ts";
import { checkNames, type Planned, planServices } from "../planning/plan.ts";
import { makeReleaseHistory, type ReleaseHistory } from "../planning/release-history.ts";
import { selectReleased, versionSubject } from "../releasing/release-request.ts";
import { checkMayRelease, mayPublish } from "../workspace/may-publish.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Options of a run's planning job. */
export interface RunRequest {
  readonly asked: RequestedRelease;
  /** Whether the run is to be released. If so, the reasons to refuse the release are checked before anything is built. */
  readonly releases: boolean;
  /** Names of services to build although nothing changed; `true`: all. */
  readonly force: readonly string[] | true;
  /** Number of matrix jobs in each round of the workflow. */
  readonly matrixJobs: readonly number[];
  /** Number of the pull request that gets previews (decided by `mayPreview`); null: no previews. */
  readonly preview?: number | null;
  /** Returns the platform of the runner that builds for `platform`. Default: this machine's. */
  readonly buildPlatformOf?: ((platform: Platform) => Platform | undefined) | undefined;
  /** Release history that the job has read already; default: read it. */
  readonly history?: ReleaseHistory | undefined;
}

/** Plans a run whose parts are built in other jobs. Reads git's trees and the files that planning needs; uses no Docker. */
export async function planRun(workspace: Workspace, request: RunRequest): Promise<RunPlan> {
  const { host, project, emit } = workspace;
  const { asked, force, matrixJobs, buildPlatformOf, preview = null } = request;
  const history = request.history ?? makeReleaseHistory(workspace);
  const releases = request.releases ? await openVersion(workspace, asked, history) : undefined;
  const services = servicesOf(workspace, asked);
  const plannedAt = host.now();
  const observer = makeObserver(workspace, { force, buildPlatformOf, preview: preview ?? undefined, history });
  const planned = await planServices(observer, { services });
  for (const each of releases?.groups ?? []) checkExisting(workspace, each, planned.plan);
  const publishes = mayPublish(workspace.trust) || preview !== null;
  const needs = new Map(project.services.map((service) => [service.name, service.needs]));
  const isFinished = releases?.isFinished ?? false;
  const plan = isFinished ? nothingOf(planned.plan) : planned.plan;
  const { matrices, warnings } = fillMatrices({ plan, needs, matrixJobs, waits: publishes });
  for (const message of warnings) emit({ kind: "warning", message });
  return {
    version: 1,
    plan: planned.plan,
    plannedAt,
    publishes,
    preview,
    asked,
    forced: force === true ? planned.plan.steps.map(({ service }) => service) : force,
    reused: reusedImages(planned.plan, planned.observation.state),
    pins: await observer.pins.pins(),
    definitions: definitionsOf(planned),
    signing: preview === null ? chooseSigning(workspace) : { kind: "off", because: "previews are not signed" },
    matrices,
  };
}

function definitionsOf({ plan, observation: { reads } }: Planned): PlannedDefinition[] {
  return plan.steps.flatMap(({ service, platforms }) =>
    platforms.flatMap(({ platform, image, fingerprint }) => {
      const read = reads.get(service)?.get(platform);
      if (image !== null || fingerprint === null || read === undefined) return [];
      return [{ service, platform, fields: definitionFields(read.definition) }];
    }),
  );
}

/**
 * The plan without steps. A version that was committed from this commit needs no builds, because its release is finished from its record.
 */
function nothingOf(plan: Plan): Plan {
  return { ...plan, steps: [] };
}

/**
 * Opens the releases of a version, to refuse what cannot be released. A release of a branch is not opened, because it needs the git
 * history, which a planning job does not fetch.
 */
async function openVersion(
  workspace: Workspace,
  asked: RequestedRelease,
  history: ReleaseHistory,
): Promise<{ readonly groups: readonly GroupRelease[]; readonly isFinished: boolean } | undefined> {
  checkMayRelease(workspace.trust, "a release");
  if (asked.version === null) return undefined;
  const subject = versionSubject(asked.version);
  const scope = { ...selectReleased(workspace, withUndefined(asked)), subject };
  const { releases, stored } = await openGroups(workspace, scope, history);
  return stored === undefined ? { groups: releases, isFinished: false } : { groups: [], isFinished: true };
}

function servicesOf(workspace: Workspace, asked: RequestedRelease): readonly string[] {
  checkNames(workspace.project.services, asked.only);
  return selectReleased(workspace, withUndefined(asked)).services;
}

function withUndefined({ version, group, only }: RequestedRelease) {
  return { version: version ?? undefined, group: group ?? undefined, only };
}
