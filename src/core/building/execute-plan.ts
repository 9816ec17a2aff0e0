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
import type { Attester } from "../attesting/attester.ts";
import type { BuildContext } from "./build-context.ts";
import { findAttestations, noAttestations } from "./attestations.ts";
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

/** Flags of a command that builds, with a builder that may be chosen after planning. */
export interface BuildCommandRequest extends Omit<BuildOptions, "services" | "builder"> {
  readonly builder: BuilderChoice;
}

/**
 * A builder's name, or a function that finds a builder for these platforms once the plan has something to build; undefined: the builder
 * that is selected in buildx.
 */
export type BuilderChoice = string | undefined | ((platforms: readonly Platform[]) => Promise<ChosenBuilder>);

/** A builder that answered `docker buildx inspect`. */
export interface ChosenBuilder {
  /** Name for `--builder`; undefined: the builder that is selected in buildx. */
  readonly name: string | undefined;
  readonly builder: Builder;
}

/** Options of executing a plan. */
export interface ExecuteOptions extends Omit<BuildCommandRequest, "force"> {
  /** Version for the images' labels; undefined: unknown, or a release of a branch. */
  readonly version?: string | undefined;
  /** Signs what is built; undefined: the run does not sign. */
  readonly attester?: Attester | undefined;
  /** Plan of the whole run, if this job builds only a part of it. */
  readonly runPlan?: Plan | undefined;
  /** Number of the pull request whose previews are built. */
  readonly preview?: number | undefined;
  /** Image names that the command writes to after the builds. Push permission is checked before anything is built. */
  readonly writes?: readonly ImageName[];
}

/**
 * Executes a plan: takes reused images as published and builds the others; `observer` observes pending steps again. Inspects a builder only
 * if the plan builds or may build something. A run that publishes nothing deletes its images when it ends.
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
  // Previews get no SBOM, because they are never released.
  const isReleased = storeOf !== undefined && options.preview === undefined;
  const services = building.map(({ service }) => service);
  const [{ name, builder }, , attestations] = await settleAll([
    findBuilder(observer.workspace, options.builder, demandsOf(host.env, building, storeOf)),
    checkPushes(registry, [...new Set([...pushed, ...written])].sort(byCodeUnit)),
    isReleased ? findAttestations(observer.workspace, services) : Promise.resolve(noAttestations),
  ]);
  const environment = readEnvironment(observer.workspace, builder);
  const executeTo = (destination: Destination): Promise<ServiceResult[]> =>
    executeSteps(
      observer,
      planned,
      makeBuildContext(planned, options, { observer, builder: name, environment, destination, attestations }),
    );
  return storeOf === undefined ? withMachineDestination(host, executeTo) : executeTo({ kind: "registry", storeOf });
}

/** Where built images are pushed; undefined: the run publishes nothing. */
function storeOfRun(trust: Trust, preview: number | undefined): ((service: Service) => FingerprintStore) | undefined {
  if (preview !== undefined) return (service) => previewStore(service, preview);
  return mayPublish(trust) ? releasedStore : undefined;
}

/** Makes the settings and state that all builds of this command share. */
function makeBuildContext(
  { plan, observation }: Planned,
  { parallel, cache, version, attester, preview, runPlan = plan }: ExecuteOptions,
  {
    observer,
    ...place
  }: Pick<BuildContext, "builder" | "environment" | "destination" | "attestations"> & { observer: Observer },
): BuildContext {
  return {
    ...place,
    workspace: observer.workspace,
    history: observer.history,
    startedFrom: new Set(observation.services.flatMap((service) => service.needs)),
    parallel: parallel ?? place.environment.parallel,
    cache,
    run: makeRunName(),
    prover: observer.prover,
    // Previews are not signed, because they are never released.
    attester: preview === undefined ? attester : undefined,
    version,
    writesShared: runPlan.steps.find(({ kind }) => kind === "build")?.service,
    builds: listBuilds(runPlan),
  };
}

/** Services that a plan builds or may build, each with the inputs of the platforms that are not reused. */
function findBuilds({ plan, observation: { services, reads } }: Planned): ServiceBuild[] {
  const steps = new Map(plan.steps.filter(mayBuild).map((step) => [step.service, step]));
  return services.flatMap((service) => {
    const step = steps.get(service.name);
    if (step === undefined) return [];
    const platforms = step.platforms.filter(({ image }) => image === null).map(({ platform }) => platform);
    return [{ service, reads: platforms.flatMap((platform) => reads.get(service.name)?.get(platform) ?? []) }];
  });
}

/** Whether a step builds, or may build once the services that it needs are done. */
function mayBuild({ kind }: Step): boolean {
  return kind === "build" || kind === "pending";
}

/** Every platform that the plan builds or may build. */
function listBuilds({ steps }: Plan): CachedBuild[] {
  return steps
    .filter(mayBuild)
    .flatMap(({ service, platforms }) => platforms.map(({ platform }) => ({ service, platform })));
}

/** Chooses the builder and checks that it can run the planned solves. */
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
