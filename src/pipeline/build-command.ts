import type { CachedBuild } from "../cache/upload-limit.ts";
import type { Event, Outcome } from "../event.ts";
import type { BuildDocument, BuiltService } from "../model/documents.ts";
import type { Plan } from "../model/plan.ts";
import type { CacheSetting } from "../model/service.ts";
import type { RawManifest } from "../model/oci.ts";
import type { Platform } from "../model/platform.ts";
import { type ServiceResult, runPlan } from "./build.ts";
import { type BuildContext, makeRunName } from "./build-platform.ts";
import { readEnvironment } from "./environment.ts";
import { type Planned, planServices } from "./plan.ts";
import type { Workspace } from "./workspace.ts";

/** How a command that builds is to build. */
export interface BuildOptions {
  /** Services that are built though nothing changed; `true`: all. */
  readonly force: readonly string[] | true;
  /** Builds at once; undefined: what suits the machine. */
  readonly parallel: number | undefined;
  /** Undefined: as each service is configured. */
  readonly cache: CacheSetting | undefined;
  readonly builder: BuilderChoice;
}

/** A builder by name, or what finds one for these platforms once something is to be built; undefined: the one that is selected. */
export type BuilderChoice = string | undefined | ((platforms: readonly Platform[]) => Promise<string | undefined>);

/** Builds what changed and pushes it by digest. No visible tag moves. `version`: of the release that it is built for. */
export async function build(
  workspace: Workspace,
  request: BuildOptions & { readonly services: readonly string[]; readonly version?: string | undefined },
): Promise<BuildDocument> {
  const started = workspace.host.monotonic();
  const planned = await planServices(workspace, request);
  const results = await buildPlanned(workspace, planned, request, request.version);
  await Promise.all(results.map((result) => putIndex(workspace, result)));
  workspace.emit(summarize(workspace, results, started));
  return {
    version: 1,
    commit: workspace.repository.commit,
    services: results.map(describe),
  };
}

/** Builds what a plan says. Docker is asked for only when something is to be built or may be. */
export async function buildPlanned(
  workspace: Workspace,
  planned: Planned,
  options: BuildOptions,
  version: string | undefined,
): Promise<ServiceResult[]> {
  const builds = planned.plan.steps.some(({ kind }) => kind !== "reuse");
  const first = planned.plan.steps.find(({ kind }) => kind === "build")?.service;
  const context = builds
    ? {
        ...(await makeBuildContext(workspace, planned, options, version)),
        writesShared: first,
        builds: listBuilds(planned.plan),
      }
    : undefined;
  return runPlan(workspace, context, planned);
}

/** What is built, and what may be. */
function listBuilds({ steps }: Plan): CachedBuild[] {
  return steps
    .filter(({ kind }) => kind !== "reuse")
    .flatMap(({ service, platforms }) => platforms.map(({ platform }) => ({ service, platform })));
}

async function makeBuildContext(
  workspace: Workspace,
  { previous, plan }: Planned,
  options: BuildOptions,
  version: string | undefined,
): Promise<Omit<BuildContext, "writesShared" | "builds">> {
  const builder = await chooseBuilder(options.builder, plan);
  const environment = await readEnvironment(workspace.host, builder);
  return {
    workspace,
    environment,
    previous,
    parallel: options.parallel ?? environment.parallel,
    cache: options.cache,
    builder,
    run: makeRunName(),
    version,
  };
}

async function chooseBuilder(choice: BuilderChoice, { steps }: Plan): Promise<string | undefined> {
  if (typeof choice !== "function") return choice;
  const platforms = steps.filter(({ kind }) => kind !== "reuse").flatMap((step) => step.platforms);
  return choice([...new Set(platforms.map(({ platform }) => platform))].sort());
}

/** Makes an image over several platforms pullable by digest. */
async function putIndex({ registry }: Workspace, { service, image }: ServiceResult): Promise<void> {
  if (image === undefined) return;
  const [name] = service.images;
  const raw: RawManifest = image.index;
  if ((await registry.headManifest(name, raw.digest)) === undefined) await registry.putManifest(name, raw.digest, raw);
}

/** A service's result as documents have it. */
export function describe({ service, outcome, image }: ServiceResult): BuiltService {
  return {
    service: service.name,
    outcome: outcome.kind,
    image: image === undefined ? null : `${service.images[0]}@${image.index.digest}`,
    kept: outcome.kind === "built" && outcome.kept,
    seconds: outcome.kind === "built" || outcome.kind === "failed" ? round(outcome.seconds) : null,
    because: outcome.kind === "failed" || outcome.kind === "cancelled" ? outcome.because : null,
  };
}

/** What a command did, in numbers. */
export function summarize(workspace: Workspace, results: readonly ServiceResult[], started: number): Event {
  const count = (kind: Outcome["kind"]): number => results.filter(({ outcome }) => outcome.kind === kind).length;
  const built = results.flatMap(({ image }) => image?.platforms ?? []).filter(({ seconds }) => seconds !== null);
  const { requests, bytesRead, bytesWritten } = workspace.registry.stats();
  return {
    kind: "summary",
    built: count("built"),
    reused: count("reused"),
    failed: count("failed"),
    cancelled: count("cancelled"),
    seconds: (workspace.host.monotonic() - started) / 1000,
    builtBytes: built.reduce((sum, { published }) => sum + published.size, 0),
    requests,
    bytes: bytesRead + bytesWritten,
  };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
