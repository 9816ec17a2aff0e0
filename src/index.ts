import type { AbandonOptions } from "./commands/abandon/spec.ts";
import type { BuildOptions } from "./commands/build/options.ts";
import type { CacheListOptions } from "./commands/cache-list/spec.ts";
import type { CachePruneOptions } from "./commands/cache-prune/spec.ts";
import * as specs from "./commands/all.ts";
import type { HistoryOptions } from "./commands/history/spec.ts";
import type { InputsOptions } from "./commands/inputs/spec.ts";
import type { LayersOptions } from "./commands/layers/spec.ts";
import type { PinOptions } from "./commands/pin/spec.ts";
import type { PlanOptions } from "./commands/plan/spec.ts";
import type { ReleaseOptions } from "./commands/release/options.ts";
import type { ReplayOptions } from "./commands/replay/options.ts";
import type { RollbackOptions } from "./commands/rollback/spec.ts";
import { type CommandSpec, withDefaults } from "./commands/spec.ts";
import type { StatusOptions } from "./commands/status/spec.ts";
import type { VerifyOptions } from "./commands/verify/spec.ts";
import type { VerifyDocument } from "./model/verification.ts";
import type { Emit } from "./event.ts";
import type { Host } from "./host.ts";
import type { CacheListDocument, CachePruneDocument } from "./model/cache-documents.ts";
import type {
  AbandonDocument,
  BuildDocument,
  ReleaseDocument,
  RollbackDocument,
  ServicesDocument,
} from "./model/documents.ts";
import type { Status } from "./model/status-document.ts";
import type { ReplayDocument } from "./model/replay-document.ts";
import type { Inputs } from "./model/inputs.ts";
import type { HistoryDocument } from "./model/history-document.ts";
import type { LayersDocument } from "./model/layers-document.ts";
import type { PinDocument } from "./model/pin-document.ts";
import type { SbomResult } from "./model/sbom-document.ts";
import type { SbomOptions } from "./commands/sbom/spec.ts";
import type { Plan } from "./model/plan.ts";
import { makeNodeHost } from "./node-host.ts";
import { openWorkspace } from "./core/workspace/workspace.ts";

export { SlipwayError, type Diagnostic } from "./errors.ts";
export type { CacheUse, Emit, Event, Outcome, SolveId } from "./event.ts";
export type { Host, Output, ProcessResult, RunOptions } from "./host.ts";
export type { CacheListDocument, CachePruneDocument } from "./model/cache-documents.ts";
export type { Digest } from "./model/digest.ts";
export type { ErrorCode } from "./model/error-code.ts";
export type { ErrorKind } from "./model/error-kind.ts";
export type { Fingerprint, InputBase, InputChange, InputContext, InputFile, Inputs } from "./model/inputs.ts";
export type {
  ImageGrowth,
  LayerBase,
  LayerChange,
  ImageLayers,
  LayersDocument,
  PlacedLayer,
} from "./model/layers-document.ts";
export type {
  HistoryDocument,
  HistoryRelease,
  HistoryRun,
  HistoryService,
  HistoryTotals,
  KnownSum,
} from "./model/history-document.ts";
export type { DeployedRelease } from "./model/deployed.ts";
export type { PinDocument, PinFormat } from "./model/pin-document.ts";
export type { Plan, PlatformStep, Reason, Step } from "./model/plan.ts";
export type { Platform } from "./model/platform.ts";
export type { ImageName } from "./model/reference.ts";
export type {
  ReleasedPlatform,
  ReleasedService,
  ReleasedWork,
  ReleaseManifest,
  ReleaseSubject,
  WorkReason,
} from "./model/release.ts";
export type { SbomFormat } from "./commands/sbom/spec.ts";
export type {
  BasePackages,
  ChangedPackage,
  PackageChanges,
  SbomChanges,
  SbomDocument,
  SbomPackage,
  SbomResult,
} from "./model/sbom-document.ts";
export type { CacheSetting, CacheTierName, SbomSetting } from "./model/service.ts";
export type { VersionSource } from "./model/version-source.ts";
export { makeNodeHost } from "./node-host.ts";
export type {
  AbandonDocument,
  BuildDocument,
  BuiltService,
  PlannedTag,
  ReleaseDocument,
  RollbackDocument,
  ServicesDocument,
  UnplannableService,
  WrittenGitHubRelease,
} from "./model/documents.ts";
export type { ReleaseStatus, ServiceStatus, Status, TagStatus } from "./model/status-document.ts";
export type { ReplayDocument, ReplayedCommit, ReplayedService } from "./model/replay-document.ts";

export type { CountedStatement, ImageProof, VerifyDocument } from "./model/verification.ts";
export type { KeySigner, WorkflowSigner } from "./model/statement.ts";

/** What every function takes. All throw `SlipwayError`: its `kind` says what went wrong, its `code` what can be done about it. */
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
  return (await runCommand(specs.services, options, {})).document;
}

/** What would be built or reused, and why, in dependency order. */
export function plan(options: CommonOptions & Partial<PlanOptions> = {}): Promise<Plan> {
  return runCommand(specs.plan, options, options);
}

/** Every input that decides a service's image. */
export function inputs(
  service: string,
  options: CommonOptions & Partial<Omit<InputsOptions, "service">> = {},
): Promise<Inputs> {
  return runCommand(specs.inputs, options, { ...options, service });
}

/** Builds what changed and pushes it by digest; no visible tag moves. Failed services are in the result. */
export function build(options: CommonOptions & Partial<BuildOptions> = {}): Promise<BuildDocument> {
  return runCommand(specs.build, options, options);
}

/** Plans, builds, commits, promotes. When a service fails, `state` is `failed` and nothing visible moved. The notes are in the result. */
export function release(
  options: CommonOptions & Partial<Omit<ReleaseOptions, "notesFile">> = {},
): Promise<ReleaseDocument> {
  return runCommand(specs.release, options, options);
}

/** Releases, where each moving tag is and should be, and what is unfinished. */
export function status(options: CommonOptions & Partial<StatusOptions> = {}): Promise<Status> {
  return runCommand(specs.status, options, options);
}

/** Who built what a release ships, or an image. What is not proven is in the result. */
export function verify(options: CommonOptions & Partial<VerifyOptions> = {}): Promise<VerifyDocument> {
  return runCommand(specs.verify, options, options);
}

/** Sends the moving tags back to a release, by a record, without a build. */
export function rollback(
  to: string,
  options: CommonOptions & Partial<Omit<RollbackOptions, "to">> = {},
): Promise<RollbackDocument> {
  return runCommand(specs.rollback, options, { ...options, to });
}

/** Puts aside a release that is spoilt or cannot be finished, by a record; nothing is deleted. */
export function abandon(
  release: string,
  options: CommonOptions & Partial<Omit<AbandonOptions, "release">> = {},
): Promise<AbandonDocument> {
  return runCommand(specs.abandon, options, { ...options, release });
}

/** What releases built and why, what it took, and what reuse saved. */
export function history(options: CommonOptions & Partial<Omit<HistoryOptions, "csv">> = {}): Promise<HistoryDocument> {
  return runCommand(specs.history, options, options);
}

/** Pins all services of one release by digest; only with `write` a file is written, or an artifact pushed. */
export function pin(options: CommonOptions & Partial<PinOptions> = {}): Promise<PinDocument> {
  return runCommand(specs.pin, options, options);
}

/** Where the bytes of released images are, by layer, instruction and base, and what a node must pull for them. */
export function layers(options: CommonOptions & Partial<LayersOptions> = {}): Promise<LayersDocument> {
  return runCommand(specs.layers, options, options);
}

/** The packages of a released image by its SBOM, and what changed since another release; `format`: also the whole document. */
export function sbom(
  service: string,
  options: CommonOptions & Partial<Omit<SbomOptions, "service">> = {},
): Promise<SbomResult> {
  return runCommand(specs.sbom, options, { ...options, service });
}

/** What the last commits' builds would have been. */
export function replay(options: CommonOptions & Partial<ReplayOptions> = {}): Promise<ReplayDocument> {
  return runCommand(specs.replay, options, options);
}

/** The caches that builds stored on GitHub and in registries. */
export function listCaches(options: CommonOptions & Partial<CacheListOptions> = {}): Promise<CacheListDocument> {
  return runCommand(specs.cacheList, options, options);
}

/** Caches that need not be stored any more; `yes` deletes them. */
export function pruneCaches(options: CommonOptions & Partial<CachePruneOptions> = {}): Promise<CachePruneDocument> {
  return runCommand(specs.cachePrune, options, options);
}

async function runCommand<Options extends object, Result>(
  spec: CommandSpec<Options, Result>,
  { host, signal, onEvent, ...common }: CommonOptions,
  given: Partial<Options>,
): Promise<Result> {
  const options = withDefaults(spec, given);
  const effects = host ?? makeNodeHost(signal === undefined ? {} : { signal });
  const needs = { ...common, ...spec.opens?.(options) };
  const [workspace, body] = await Promise.all([
    openWorkspace(effects, needs, onEvent ?? (() => undefined)),
    spec.load(),
  ]);
  return body.run(workspace, options);
}
