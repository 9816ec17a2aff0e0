import { type Builder, inspectBuilder } from "../../buildkit/builder.ts";
import type { BuilderDemands } from "../../buildkit/check-builder.ts";
import type { CachedBuild } from "../../cache/upload-limit.ts";
import type { BuildOptions } from "../../commands/build/options.ts";
import type { Host } from "../../host.ts";
import { byCodeUnit } from "../../model/order.ts";
import type { Plan, Step } from "../../model/plan.ts";
import type { Platform } from "../../model/platform.ts";
import type { ImageName } from "../../model/reference.ts";
import type { Service } from "../../model/service.ts";
import { settleAll } from "../../model/settle.ts";
import type { Trust } from "../../model/trust.ts";
import type { FingerprintStore } from "../../images/published.ts";
import type { BuildContext } from "./build-context.ts";
import { makeRunName } from "./build-platform.ts";
import { checkChosenBuilder, demandsOf, type ServiceBuild } from "./check-builder.ts";
import { checkPushes } from "../workspace/check-pushes.ts";
import { type Destination, previewStore, releasedStore, withMachineDestination } from "../planning/destination.ts";
import { readEnvironment } from "./environment.ts";
import { executeSteps } from "./execute-steps.ts";
import type { Observer } from "../planning/observer.ts";
import type { Planned } from "../planning/plan.ts";
import { mayPublish } from "../workspace/may-publish.ts";
import type { ServiceResult } from "./service-result.ts";
import type { Workspace } from "../workspace/workspace.ts";

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

/** How a plan is to be executed. */
export interface ExecuteOptions extends Omit<BuildCommandRequest, "force"> {
  /** For the images' labels; undefined: not known, or a branch's release. */
  readonly version?: string | undefined;
  /** Of the whole run, where this job builds a part of it. */
  readonly runPlan?: Plan | undefined;
  /** The pull request whose previews are built. */
  readonly preview?: number | undefined;
  /** What the command writes to once everything is built: nothing is built when it may not. */
  readonly writes?: readonly ImageName[];
}

/**
 * Executes a plan: what is reused is there, the rest is built; `observer` observes pending steps again. Docker is asked for only when something is to be built or may be. What
 * a run that publishes nothing builds is gone at the end.
 */
export async function executePlan(
  observer: Observer,
  planned: Planned,
  options: ExecuteOptions,
): Promise<ServiceResult[]> {
  const building = findBuilds(planned);
  if (building.length === 0) return executeSteps(observer, planned, undefined);
  const { host, trust, registry } = observer.workspace;
  const storeOf = storeOfRun(trust, options.preview);
  const pushed = storeOf === undefined ? [] : building.map(({ service }) => storeOf(service).name);
  const written = storeOf === undefined ? [] : (options.writes ?? []);
  const [{ name, builder }] = await settleAll([
    findBuilder(observer.workspace, options.builder, demandsOf(host.env, building, storeOf)),
    checkPushes(registry, [...new Set([...pushed, ...written])].sort(byCodeUnit)),
  ]);
  const environment = readEnvironment(observer.workspace, builder);
  const executeTo = (destination: Destination): Promise<ServiceResult[]> =>
    executeSteps(
      observer,
      planned,
      makeBuildContext(planned, options, { observer, builder: name, environment, destination }),
    );
  return storeOf === undefined ? withMachineDestination(host, executeTo) : executeTo({ kind: "registry", storeOf });
}

/** Where what is built is pushed; undefined: nowhere. */
function storeOfRun(trust: Trust, preview: number | undefined): ((service: Service) => FingerprintStore) | undefined {
  if (preview !== undefined) return (service) => previewStore(service, preview);
  return mayPublish(trust) ? releasedStore : undefined;
}

/** What all builds of a command share. */
function makeBuildContext(
  { plan, observation }: Planned,
  { parallel, cache, version, runPlan = plan }: ExecuteOptions,
  { observer, ...place }: Pick<BuildContext, "builder" | "environment" | "destination"> & { observer: Observer },
): BuildContext {
  return {
    ...place,
    workspace: observer.workspace,
    history: observer.history,
    startedFrom: new Set(observation.services.flatMap((service) => service.needs)),
    parallel: parallel ?? place.environment.parallel,
    cache,
    run: makeRunName(),
    version,
    writesShared: runPlan.steps.find(({ kind }) => kind === "build")?.service,
    builds: listBuilds(runPlan),
  };
}

/** The services that a plan builds or may build, each with the platforms whose image is not reused. */
function findBuilds({ plan, observation: { services, reads } }: Planned): ServiceBuild[] {
  const steps = new Map(plan.steps.filter(mayBuild).map((step) => [step.service, step]));
  return services.flatMap((service) => {
    const step = steps.get(service.name);
    if (step === undefined) return [];
    const platforms = step.platforms.filter(({ image }) => image === null).map(({ platform }) => platform);
    return [{ service, reads: platforms.flatMap((platform) => reads.get(service.name)?.get(platform) ?? []) }];
  });
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
