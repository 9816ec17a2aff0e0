import type { Plan } from "../../model/plan.ts";
import type { Platform } from "../../model/platform.ts";
import { definitionFields } from "../../inputs/definition-fields.ts";
import { reusedImages } from "../../plan/plan-release.ts";
import { fillMatrices } from "./fill-matrices.ts";
import { checkExisting, type GroupRelease } from "../releasing/group-release.ts";
import { openGroups } from "../releasing/open-releases.ts";
import type { Asked, PlannedDefinition, RunPlan } from "../planning/parts.ts";
import { makeObserver } from "../planning/observer.ts";
import { checkNames, type Planned, planServices } from "../planning/plan.ts";
import { makeReleaseHistory, type ReleaseHistory } from "../planning/release-history.ts";
import { selectReleased, versionSubject } from "../releasing/release-request.ts";
import { checkMayRelease, mayPublish } from "../workspace/may-publish.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** What the plan job of a run is asked. */
export interface RunRequest {
  readonly asked: Asked;
  /** Whether the run is to be released: what can be refused is refused before anything is built. */
  readonly releases: boolean;
  /** Built though nothing changed. `true`: all. */
  readonly force: readonly string[] | true;
  /** How many matrix jobs each round of the workflow has. */
  readonly matrixJobs: readonly number[];
  /** The number of a pull request that may have previews (`mayPreview`); null: none. */
  readonly preview?: number | null;
  /** The platform of the runner that builds for `platform`. Default: this machine's. */
  readonly buildPlatformOf?: ((platform: Platform) => Platform | undefined) | undefined;
  /** What was released before, where the job has read of it; default: it is read. */
  readonly history?: ReleaseHistory | undefined;
}

/** Plans a run whose parts are built in other jobs. Needs git's trees, the files that planning reads, and no Docker. */
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

/** A version that was committed from this commit needs no builds: its release is finished from its record. */
function nothingOf(plan: Plan): Plan {
  return { ...plan, steps: [] };
}

/** Of a version, what there is already; a branch's release takes the history, which this job does not have. */
async function openVersion(
  workspace: Workspace,
  asked: Asked,
  history: ReleaseHistory,
): Promise<{ readonly groups: readonly GroupRelease[]; readonly isFinished: boolean } | undefined> {
  checkMayRelease(workspace.trust, "a release");
  if (asked.version === null) return undefined;
  const subject = versionSubject(asked.version);
  const scope = { ...selectReleased(workspace, withUndefined(asked)), subject };
  const { releases, stored } = await openGroups(workspace, scope, history);
  return stored === undefined ? { groups: releases, isFinished: false } : { groups: [], isFinished: true };
}

function servicesOf(workspace: Workspace, asked: Asked): readonly string[] {
  checkNames(workspace.project.services, asked.only);
  return selectReleased(workspace, withUndefined(asked)).services;
}

function withUndefined({ version, group, only }: Asked) {
  return { version: version ?? undefined, group: group ?? undefined, only };
}
