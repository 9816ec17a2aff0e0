import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { imageLabels } from "../buildkit/labels.ts";
import type { BuildOutcome, BuildRequest } from "../buildkit/request.ts";
import { runBuild } from "../buildkit/run-build.ts";
import { buildTag } from "../cache/names.ts";
import { planCacheTiers } from "../cache/tiers.ts";
import { type CachedBuild, hasRoomInGha } from "../cache/upload-limit.ts";
import { SlipwayError } from "../errors.ts";
import type { FailedPlace } from "../event.ts";
import { stageContext } from "../inputs/stage.ts";
import type { BuildSecret, CacheSetting, Service } from "../model/service.ts";
import { replacesPublished } from "../plan/make-step.ts";
import { publish, publishInputs, type PublishedChildren, readPushed } from "../release/published.ts";
import type { Decision, PlatformDecision } from "./decide.ts";
import type { BuildEnvironment } from "./environment.ts";
import { findSame } from "./early-cutoff.ts";
import { throwIfInterrupted } from "./interrupted.ts";
import type { PreviousRelease } from "./previous.ts";
import type { Workspace } from "./workspace.ts";

/** What all builds of one command share. */
export interface BuildContext {
  readonly workspace: Workspace;
  readonly environment: BuildEnvironment;
  readonly previous: PreviousRelease;
  /** Builds at once. */
  readonly parallel: number;
  /** Undefined: as each service is configured. */
  readonly cache: CacheSetting | undefined;
  readonly builder: string | undefined;
  /** Sets the tags of this run apart from those of others. */
  readonly run: string;
  /** The one service whose cache goes to the scope that all services read. */
  readonly writesShared: string | undefined;
  /** All that this run builds, also in other jobs: GitHub's cache takes only so much a minute. */
  readonly builds: readonly CachedBuild[];
  /** For the images' labels; undefined: not known, or a branch's release. */
  readonly version: string | undefined;
}

/** One platform of a service, in the registry. */
export interface PlatformImage {
  readonly published: PublishedChildren;
  /** Null: it was not built now. */
  readonly seconds: number | null;
  /** It was built, and is the same as what was published before. */
  readonly kept: boolean;
}

/** A solve that failed: its message is the failing instruction, its log the last lines that it wrote. */
export class BuildFailure extends SlipwayError {
  readonly log: readonly string[];
  /** Where in the Dockerfile, when BuildKit says so. */
  readonly place: FailedPlace | undefined;
  constructor(outcome: Extract<BuildOutcome, { kind: "failed" }>) {
    const { place } = outcome;
    super(outcome.code, place === undefined ? outcome.because : `${place.file}:${place.line}: ${outcome.because}`);
    this.log = outcome.log;
    this.place = place;
  }
}

/** Eight hex digits that no other run has. */
export function makeRunName(): string {
  return randomBytes(4).toString("hex");
}

/**
 * Builds one platform of a service, pushes it under a tag of this run's own, and publishes it under its fingerprint where the
 * run publishes. A fault that may pass is tried again, twice. Throws `BuildFailure`.
 */
export async function buildPlatform(
  context: BuildContext,
  decision: Decision,
  platform: PlatformDecision,
): Promise<PlatformImage> {
  const { service } = decision;
  const { host, emit } = context.workspace;
  throwIfInterrupted(host.signal, `interrupted before building ${service.name}`);
  emit({ kind: "solve-started", service: service.name, platform: platform.platform });
  const staged = await stageContext(context.workspace.tree, platform.read);
  const builtAt = host.now();
  try {
    const request = makeRequest(context, service, platform, staged, builtAt);
    return await publishBuilt(context, decision, platform, await buildWithRetries(context, request), builtAt);
  } finally {
    await staged.remove();
  }
}

/** Its inputs are kept first: what is under a fingerprint is there last, and whole. */
async function publishBuilt(
  context: BuildContext,
  { service, step }: Decision,
  { platform, read }: PlatformDecision,
  built: Extract<BuildOutcome, { kind: "built" }>,
  builtAt: string,
): Promise<PlatformImage> {
  const { registry, repository } = context.workspace;
  const { publishes } = context.environment;
  const { fingerprint } = read.inputs;
  if (fingerprint === null) throw new Error(`${service.name} has no fingerprint to build under`);
  const [image] = service.images;
  if (publishes) await publishInputs(registry, image, read.inputs);
  const same = await findSame(registry, context.previous, service, platform, built.digest);
  const publication = {
    platform,
    fingerprint,
    commit: same?.commit ?? repository.commit,
    builtAt,
    buildSeconds: built.seconds,
    pushed: same?.digest ?? built.digest,
    replaces: replacesPublished(step.reason),
  };
  const published = await (publishes ? publish : readPushed)(registry, image, publication);
  return { published, seconds: built.seconds, kept: same !== undefined };
}

/** A platform that is reused, as what is built is told; undefined when it is to be built. */
export function reusedPlatform({ published }: PlatformDecision): PlatformImage | undefined {
  return published === undefined ? undefined : { published, seconds: null, kept: false };
}

async function buildWithRetries(
  context: BuildContext,
  request: BuildRequest,
): Promise<Extract<BuildOutcome, { kind: "built" }>> {
  const { host, emit } = context.workspace;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await runBuild(host, request, emit);
    const { service, platform } = request;
    if (outcome.kind === "built") {
      const { cachedVertices, ranVertices, seconds } = outcome;
      emit({ kind: "solve-ended", service, platform, cachedVertices, ranVertices, seconds });
      return outcome;
    }
    if (!outcome.transient || attempt === 3) throw new BuildFailure(outcome);
    const seconds = attempt * 2 + host.random() * 2;
    const message = `${service} ${platform}: ${outcome.because}; trying again`;
    emit({ kind: "waiting", message, seconds });
    await host.sleep(seconds * 1000);
  }
}

function makeRequest(
  context: BuildContext,
  service: Service,
  { platform, read }: PlatformDecision,
  staged: Awaited<ReturnType<typeof stageContext>>,
  createdAt: string,
): BuildRequest {
  const { repository } = context.workspace;
  const { environment } = context;
  const [image] = service.images;
  const tiers = planCacheTiers({
    service: service.name,
    platform,
    image,
    event: environment.event,
    available: environment.available,
    setting: context.cache ?? service.cache,
    publishes: environment.publishes,
    builder: environment.builder,
    writesShared: context.writesShared === service.name,
    hasRoomInGha: hasRoomInGha({ service: service.name, platform }, context.builds),
  });
  for (const { tier, direction, because } of tiers.leftOut) {
    const use = { tier, direction, reference: "", state: "left-out", seconds: 0, because } as const;
    context.workspace.emit({ kind: "cache", service: service.name, platform, use });
  }
  const labels = imageLabels({
    service: service.name,
    version: context.version,
    revision: repository.commit,
    source: repository.remote,
    createdAt,
  });
  return {
    service: service.name,
    platform,
    contextFolder: staged.contextFolder,
    dockerfile: staged.dockerfile,
    dockerfileName: service.dockerfile,
    target: service.target,
    args: read.args,
    contexts: { ...staged.namedFolders, ...read.pins },
    secrets: service.secrets.map((secret) => withAbsolutePath(secret, repository.root)),
    ssh: service.ssh,
    labels: { ...labels, ...service.labels },
    annotations: service.annotations,
    settings: service.settings,
    cacheFrom: tiers.from,
    cacheTo: tiers.to,
    push: `${image}:${buildTag(context.run, service.name, platform)}`,
    provenance: "min",
    sbom: false,
    builder: context.builder,
  };
}

/** Files are named from the repository's root, wherever the command runs. */
function withAbsolutePath(secret: BuildSecret, root: string): BuildSecret {
  return secret.from.kind === "env"
    ? secret
    : { ...secret, from: { kind: "file", path: resolve(root, secret.from.path) } };
}
