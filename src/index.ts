import type { Emit } from "./event.ts";
import type { Host } from "./host.ts";
import type {
  AbandonDocument,
  BuildDocument,
  ReleaseDocument,
  ReplayDocument,
  RollbackDocument,
  ServicesDocument,
  Status,
} from "./model/documents.ts";
import type { Inputs } from "./model/inputs.ts";
import type { Plan } from "./model/plan.ts";
import { makeNodeHost } from "./node-host.ts";
import { abandon as runAbandon } from "./pipeline/abandon-command.ts";
import { build as runBuild, type BuildOptions } from "./pipeline/build-command.ts";
import { type InputsOptions, readServiceInputs } from "./pipeline/inputs-command.ts";
import { planServices } from "./pipeline/plan.ts";
import { release as runRelease, type ReleaseRequest } from "./pipeline/release-command.ts";
import { replay as runReplay } from "./pipeline/replay-command.ts";
import { rollback as runRollback } from "./pipeline/rollback-command.ts";
import { listServices } from "./pipeline/services-command.ts";
import { status as readStatus } from "./pipeline/status-command.ts";
import { openWorkspace, type Workspace } from "./pipeline/workspace.ts";

export { SlipwayError, type Diagnostic } from "./errors.ts";
export type { CacheUse, Emit, Event, Outcome, SolveId } from "./event.ts";
export type { Host, Output, ProcessResult, RunOptions } from "./host.ts";
export type { Digest } from "./model/digest.ts";
export type { ErrorCode } from "./model/error-code.ts";
export type { Fingerprint, InputBase, InputChange, InputContext, InputFile, Inputs } from "./model/inputs.ts";
export type { Plan, PlatformStep, Reason, Step } from "./model/plan.ts";
export type { Platform } from "./model/platform.ts";
export type { ImageName } from "./model/reference.ts";
export type { ReleasedPlatform, ReleasedService, ReleaseManifest, ReleaseSubject } from "./model/release.ts";
export type { CacheSetting, CacheTierName } from "./model/service.ts";
export type { VersionSource } from "./model/version-source.ts";
export { makeNodeHost } from "./node-host.ts";
export type {
  AbandonDocument,
  BuildDocument,
  BuiltService,
  PlannedTag,
  ReleaseDocument,
  ReleaseStatus,
  ReplayDocument,
  ReplayedCommit,
  ReplayedService,
  RollbackDocument,
  ServiceStatus,
  ServicesDocument,
  Status,
  TagStatus,
  UnplannableService,
  WrittenGitHubRelease,
} from "./model/documents.ts";

/** What every function takes. All throw `SlipwayError`; its `code` says what can be done about it. */
export interface CommonOptions {
  /** A folder of the repository. Default: the current one. */
  readonly repo?: string;
  /** The configuration file. Default: `slipway.yaml`, where there is one. */
  readonly config?: string;
  /** The repository gets nothing of this machine (docs/threat-model.md). Always so for pull requests in GitHub Actions. */
  readonly untrusted?: boolean;
  /** With `untrusted`: the revision whose `slipway.yaml` counts. Default: none. */
  readonly trunk?: string;
  /** Called with everything that happens. */
  readonly onEvent?: Emit;
  /** Stops everything that runs; nothing visible is left half done. */
  readonly signal?: AbortSignal;
  /** Where effects come from. Default: this process. */
  readonly host?: Host;
}

/** What is released from the repository. */
export async function services(options: CommonOptions = {}): Promise<ServicesDocument> {
  return (await listServices(await open(options))).document;
}

/** What would be built or reused, and why, in dependency order. */
export async function plan(
  options: CommonOptions & { readonly services?: readonly string[]; readonly force?: readonly string[] | true } = {},
): Promise<Plan> {
  const request = { services: options.services ?? [], force: options.force ?? [] };
  return (await planServices(await open(options), request)).plan;
}

/** Every input that decides a service's image. */
export async function inputs(service: string, options: CommonOptions & InputsOptions = {}): Promise<Inputs> {
  return readServiceInputs(await open(options), service, options);
}

/** Builds what changed and pushes it by digest; no visible tag moves. Failed services are in the result. */
export async function build(
  options: CommonOptions & Partial<BuildOptions> & { readonly services?: readonly string[] } = {},
): Promise<BuildDocument> {
  return runBuild(await open(options), { ...buildDefaults, ...options, services: options.services ?? [] });
}

/** Plans, builds, commits, promotes. When a service fails, `state` is `failed` and nothing visible moved. */
export async function release(options: CommonOptions & Partial<ReleaseRequest> = {}): Promise<ReleaseDocument> {
  const request: ReleaseRequest = {
    ...buildDefaults,
    version: undefined,
    versionFrom: undefined,
    only: [],
    group: undefined,
    branch: undefined,
    dryRun: false,
    allowDirty: false,
    githubRelease: true,
    ...options,
  };
  return runRelease(await open(options), request);
}

/** Releases, where each moving tag is and should be, and what is unfinished. */
export async function status(options: CommonOptions & { readonly limit?: number } = {}): Promise<Status> {
  return readStatus(await open(options), { limit: options.limit ?? 10 });
}

/** Sends the moving tags back to a release, by a record, without a build. */
export async function rollback(
  to: string,
  options: CommonOptions & { readonly group?: string; readonly dryRun?: boolean } = {},
): Promise<RollbackDocument> {
  return runRollback(await open(options), { to, group: options.group, dryRun: options.dryRun ?? false });
}

/** Puts aside a release that is spoilt or cannot be finished, by a record; nothing is deleted. */
export async function abandon(
  release: string,
  options: CommonOptions & { readonly group?: string; readonly dryRun?: boolean } = {},
): Promise<AbandonDocument> {
  return runAbandon(await open(options), { release, group: options.group, dryRun: options.dryRun ?? false });
}

/** What the last commits' builds would have been. */
export async function replay(
  options: CommonOptions & { readonly commits?: number; readonly buildSeconds?: number } = {},
): Promise<ReplayDocument> {
  return runReplay(await open(options), { commits: options.commits ?? 200, buildSeconds: options.buildSeconds });
}

const buildDefaults: BuildOptions = { force: [], parallel: undefined, cache: undefined, builder: undefined };

function open(options: CommonOptions): Promise<Workspace> {
  const host = options.host ?? makeNodeHost(options.signal === undefined ? {} : { signal: options.signal });
  return openWorkspace(host, options, options.onEvent ?? (() => undefined));
}
