import { type Builder, inspectBuilder } from "../buildkit/builder.ts";
import type { CachedBuild } from "../cache/upload-limit.ts";
import type { BuildOptions } from "../commands/build/options.ts";
import type { Event, Outcome } from "../event.ts";
import type { Host } from "../host.ts";
import type { BuildDocument, BuiltService } from "../model/documents.ts";
import type { BuilderDemands } from "../buildkit/check-builder.ts";
import type { Plan, Step } from "../model/plan.ts";
import { byCodeUnit } from "../model/order.ts";
import type { Platform } from "../model/platform.ts";
import type { ImageName } from "../model/reference.ts";
import type { Service } from "../model/service.ts";
import { settleAll } from "../model/settle.ts";
import type { Trust } from "../model/trust.ts";
import type { Shelf } from "../release/published.ts";
import { checkChosenBuilder, demandsOf } from "./check-builder.ts";
import { type ServiceResult, runPlan } from "./build.ts";
import { type BuildContext, makeRunName } from "./build-platform.ts";
import { checkPushes } from "./check-pushes.ts";
import { type Destination, previewShelf, releasedShelf, withMachineDestination } from "./destination.ts";
import { type BuildEnvironment, readEnvironment } from "./environment.ts";
import { type Planned, planServices } from "./plan.ts";
import { mayPublish } from "./run-event.ts";
import type { Workspace } from "./workspace.ts";

/** How a command that builds is to build: its flags, with a builder that may be chosen later. */
export interface BuildCommandRequest extends Omit<BuildOptions, "services" | "builder"> {
  readonly builder: BuilderChoice;
}

/**
 * A builder by name, or what finds one that runs instructions on these platforms once something is to be built; undefined: the one
 * that is selected.
 */
export type BuilderChoice = string | undefined | ((platforms: readonly Platform[]) => Promise<ChosenBuilder>);

/** A builder that answered. */
export interface ChosenBuilder {
  /** As builds name it; undefined: it is the one that is selected. */
  readonly name: string | undefined;
  readonly builder: Builder;
}

/** Builds what changed and pushes it by digest. No visible tag moves. `version`: of the release that it is built for. */
export async function build(
  workspace: Workspace,
  request: BuildCommandRequest & { readonly services: readonly string[]; readonly version?: string | undefined },
): Promise<BuildDocument> {
  const started = workspace.host.monotonic();
  const planned = await planServices(workspace, request);
  const results = await buildPlanned(workspace, planned, request, { version: request.version, plan: planned.plan });
  const pullable = await Promise.all(results.map((result) => makePullable(workspace, result)));
  workspace.emit(summarize(workspace, pullable, started));
  return {
    version: 1,
    commit: workspace.repository.commit,
    services: pullable.map(describe),
  };
}

/**
 * Builds what a plan says. Docker is asked for only when something is to be built or may be. What a run that publishes nothing
 * builds is gone at the end.
 */
export async function buildPlanned(
  workspace: Workspace,
  planned: Planned,
  options: Omit<BuildCommandRequest, "force">,
  run: RunFacts,
): Promise<ServiceResult[]> {
  const builds = planned.plan.steps.some(mayBuild);
  if (!builds) return runPlan(workspace, undefined, planned);
  const { host, trust, registry } = workspace;
  const shelfOf = shelfOfRun(trust, run);
  const building = planned.decisions.filter(({ step }) => mayBuild(step));
  const [{ name, builder }] = await settleAll([
    findBuilder(workspace, options.builder, demandsOf(host.env, building, shelfOf)),
    checkPushes(registry, shelfOf === undefined ? [] : pushedNames(planned, run, shelfOf)),
  ]);
  const environment = readEnvironment(workspace, builder);
  const buildTo = async (destination: Destination): Promise<ServiceResult[]> => {
    const choices = { ...options, builder: name };
    const context = makeBuildContext(workspace, { planned, options: choices, environment, destination, run });
    return runPlan(workspace, context, planned);
  };
  return shelfOf === undefined ? withMachineDestination(host, buildTo) : buildTo({ kind: "registry", shelfOf });
}

/** Where what is built is pushed; undefined: nowhere. */
function shelfOfRun(trust: Trust, { preview }: RunFacts): ((service: Service) => Shelf) | undefined {
  if (preview !== undefined) return (service) => previewShelf(service, preview);
  return mayPublish(trust) ? releasedShelf : undefined;
}

/** What builds are pushed to, and what the command writes to afterwards. */
function pushedNames({ decisions }: Planned, { writes }: RunFacts, shelfOf: (service: Service) => Shelf): ImageName[] {
  const building = decisions.filter(({ step }) => mayBuild(step));
  return [...new Set([...building.map(({ service }) => shelfOf(service).name), ...(writes ?? [])])].sort(byCodeUnit);
}

/** What is the same in all jobs of a run. */
export interface RunFacts {
  /** For the images' labels; undefined: not known, or a branch's release. */
  readonly version: string | undefined;
  /** Of the whole run, of which this job may build a part. */
  readonly plan: Plan;
  /** The pull request whose previews are built. */
  readonly preview?: number | undefined;
  /** What the command writes to once everything is built: nothing is built when it may not. */
  readonly writes?: readonly ImageName[];
}

interface BuildSettings {
  readonly planned: Planned;
  readonly options: Pick<BuildCommandRequest, "parallel" | "cache"> & { readonly builder: string | undefined };
  readonly environment: BuildEnvironment;
  readonly destination: Destination;
  readonly run: RunFacts;
}

/** What all builds of a command share. */
function makeBuildContext(workspace: Workspace, settings: BuildSettings): BuildContext {
  const { planned, options, environment, destination, run } = settings;
  const { decisions, previous } = planned;
  return {
    workspace,
    environment,
    previous,
    destination,
    startedFrom: new Set(decisions.flatMap(({ service }) => service.needs)),
    parallel: options.parallel ?? environment.parallel,
    cache: options.cache,
    builder: options.builder,
    run: makeRunName(),
    version: run.version,
    writesShared: run.plan.steps.find(({ kind }) => kind === "build")?.service,
    builds: listBuilds(run.plan),
  };
}

/** Whether a step builds, or may when what it needs is done. */
function mayBuild({ kind }: Step): boolean {
  return kind === "build" || kind === "pending";
}

/** What is built, and what may be. */
function listBuilds({ steps }: Plan): CachedBuild[] {
  return steps
    .filter(mayBuild)
    .flatMap(({ service, platforms }) => platforms.map(({ platform }) => ({ service, platform })));
}

/** Chooses the builder, and checks that what is asked of it can work there. */
async function findBuilder(
  workspace: Workspace,
  choice: BuilderChoice,
  demands: BuilderDemands,
): Promise<ChosenBuilder> {
  const chosen = await chooseBuilder(workspace.host, choice, demands);
  await checkChosenBuilder(workspace, chosen.builder, demands);
  return chosen;
}

async function chooseBuilder(host: Host, choice: BuilderChoice, { solves }: BuilderDemands): Promise<ChosenBuilder> {
  if (typeof choice !== "function") return { name: choice, builder: await inspectBuilder(host, choice) };
  return choice([...new Set(solves.flatMap(({ runsOn }) => runsOn))].sort());
}

/** Puts a missing index over several platforms, so that the image can be pulled by digest; an untrusted run leaves it out instead. */
async function makePullable({ registry, trust }: Workspace, result: ServiceResult): Promise<ServiceResult> {
  const { service, image } = result;
  if (image?.index === undefined) return result;
  const [name] = service.images;
  const { digest } = image.index;
  if ((await registry.headManifest(name, digest)) !== undefined) return result;
  if (!mayPublish(trust)) return { ...result, image: { ...image, index: undefined } };
  await registry.putManifest(name, digest, image.index);
  return result;
}

/** A service's result as documents have it. */
export function describe({ service, outcome, image }: ServiceResult): BuiltService {
  return {
    service: service.name,
    outcome: outcome.kind,
    image: image?.index === undefined ? null : `${service.images[0]}@${image.index.digest}`,
    kept: outcome.kind === "built" && outcome.kept,
    seconds: outcome.kind === "built" || outcome.kind === "failed" ? round(outcome.seconds) : null,
    because: outcome.kind === "failed" || outcome.kind === "cancelled" ? outcome.because : null,
    code: outcome.kind === "failed" ? outcome.code : null,
    hint: outcome.kind === "failed" ? (outcome.hint ?? null) : null,
  };
}

/** What a command did, in numbers. */
export function summarize(workspace: Workspace, results: readonly ServiceResult[], started: number): Event {
  const count = (kind: Outcome["kind"]): number => results.filter(({ outcome }) => outcome.kind === kind).length;
  const built = results.flatMap(({ image }) => image?.platforms ?? []).filter(({ solve }) => solve !== undefined);
  const { requests, bytesRead, bytesWritten } = workspace.registry.stats();
  return {
    kind: "summary",
    built: count("built"),
    reused: count("reused"),
    failed: count("failed"),
    cancelled: count("cancelled"),
    seconds: (workspace.host.monotonic() - started) / 1000,
    builtBytes: built.reduce((sum, { published }) => sum + (published?.size ?? 0), 0),
    requests,
    bytes: bytesRead + bytesWritten,
  };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
