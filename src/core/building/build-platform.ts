import { randomBytes } from "node:crypto";
import type { BuildOutcome, BuildRequest, FinishedSolve } from "../../buildkit/request.ts";
import { runBuild } from "../../buildkit/run-build.ts";
import { SlipwayError } from "../../errors.ts";
import type { FailedPlace } from "../../event.ts";
import { stageContext } from "../../inputs/stage.ts";
import type { PinnedBase } from "../../inputs/request.ts";
import type { Digest } from "../../model/digest.ts";
import type { Fingerprint } from "../../model/inputs.ts";
import type { Platform } from "../../model/platform.ts";
import type { ImageName } from "../../model/reference.ts";
import { settleAll } from "../../model/settle.ts";
import type { PublishedImage } from "../../model/published-image.ts";
import { type Publication, publishImage, readPushed } from "../../images/published.ts";
import { publishInputs } from "../../images/published-inputs.ts";
import { attestBuild } from "./attest-build.ts";
import { bindKept } from "./bind-kept.ts";
import type { BuildContext, PlatformBuild } from "./build-context.ts";
import { makeRequest } from "./build-request.ts";
import { releasedStore } from "../planning/destination.ts";
import { demandsOnImage } from "../planning/demands.ts";
import { findSame, readWholeContent } from "../planning/early-cutoff.ts";
import { readImageLayout } from "../planning/image-layout.ts";
import { checkSecrets } from "./check-secrets.ts";
import { throwIfInterrupted } from "../workspace/interrupted.ts";

/** Duration and vertex counts of one solve. */
export type SolveFacts = Pick<FinishedSolve, "seconds" | "cachedVertices" | "ranVertices" | "cachedBytes">;

/** One platform of a service, reused or built. */
export interface PlatformResult {
  readonly platform: Platform;
  readonly fingerprint: Fingerprint | null;
  /** Image in the registry; undefined: a run that publishes nothing built it. */
  readonly published: PublishedImage | undefined;
  /** Image in a folder of this machine, if it is in no registry and another service starts from it. */
  readonly local: PinnedBase | undefined;
  /** Facts of the solve; undefined: the image was not built by this command. */
  readonly solve: SolveFacts | undefined;
  /** Whether the image was built and turned out to have the content of the image published before. */
  readonly kept: boolean;
}

/** A failed solve. Its message is the failing instruction, its log the last lines of the build's output. */
export class BuildFailure extends SlipwayError {
  readonly log: readonly string[];
  /** Line of the Dockerfile that failed, if BuildKit names one. */
  readonly place: FailedPlace | undefined;
  constructor(outcome: Extract<BuildOutcome, { kind: "failed" }>) {
    const { errorKind, registry, place, hint, because } = outcome;
    const message = place === undefined ? because : `${place.file}:${place.line}: ${because}`;
    if (errorKind === "registry-denied") super(errorKind, message, { hint, data: { registry } });
    else super(errorKind, message, { hint });
    this.log = outcome.log;
    this.place = place;
  }
}

/** A name for this run: eight random hex digits. */
export function makeRunName(): string {
  return randomBytes(4).toString("hex");
}

/**
 * Builds one platform of a service. A publishing run pushes the image under a temporary tag of this run, then publishes it under its
 * fingerprint; any other run keeps the image on this machine. Retries a transient failure twice. Throws `BuildFailure`.
 */
export async function buildPlatform(context: BuildContext, build: PlatformBuild): Promise<PlatformResult> {
  const { service, platform, read } = build;
  const { host, emit } = context.workspace;
  throwIfInterrupted(host.signal, `interrupted before building ${service.name}`);
  emit({ kind: "solve-started", service: service.name, platform });
  const staged = await stageContext(context.workspace.tree, read);
  const builtAt = host.now();
  try {
    const request = makeRequest(context, { service, read: read, staged, createdAt: builtAt });
    const solve = await buildWithRetries(context, request, service.sbom === "required");
    staged.checkUnchanged();
    const { output } = request;
    switch (output.kind) {
      case "push":
        return await publishBuilt(context, build, solve, builtAt);
      case "layout":
        return await keepBuilt(context, build, solve, output.folder);
      case "none":
        return { ...builtImage(build, solve), published: undefined };
    }
  } finally {
    await staged.remove();
  }
}

function builtImage({ platform, read }: PlatformBuild, solve: SolveFacts): Omit<PlatformResult, "published"> {
  return { platform, fingerprint: read.inputs.fingerprint, local: undefined, solve, kept: false };
}

function digestOf({ digest }: FinishedSolve): Digest {
  if (digest === undefined) throw new Error("buildx reported no digest for an image that it pushed or wrote");
  return digest;
}

/**
 * Publishes a built image under its fingerprint. Its inputs are pushed first, because a fingerprint tag must be the last thing written and
 * everything it names must be complete.
 */
async function publishBuilt(
  context: BuildContext,
  build: PlatformBuild,
  solve: FinishedSolve,
  builtAt: string,
): Promise<PlatformResult> {
  const { workspace, destination } = context;
  const { service, platform, read, replaces } = build;
  const { registry, repository } = workspace;
  const digest = digestOf(solve);
  const { fingerprint } = read.inputs;
  if (fingerprint === null) throw new Error(`${service.name} has no fingerprint to build under`);
  const { name, prefix } = destination.kind === "registry" ? destination.storeOf(service) : releasedStore(service);
  await checkSecrets(workspace, { service: service.name, platform, name, digest, read });
  const readBuilt = (): ReturnType<typeof readWholeContent> => readWholeContent(registry, { name, digest, platform });
  const [like] = await settleAll([
    findSame(context, build, readBuilt),
    // No command explains a preview, so its inputs are not stored.
    prefix === "" ? publishInputs(registry, name, read.inputs) : Promise.resolve(),
  ]);
  const same = like !== undefined && (await bindKept(context, build, like)) ? like : undefined;
  const publication = {
    platform,
    fingerprint,
    commit: same?.commit ?? repository.commit,
    builtAt,
    buildSeconds: solve.seconds,
    pushed: same?.digest ?? digest,
    replaces,
    prefix,
    demands: demandsOnImage(service, { prefix }),
  };
  // A preview with the content of the released image refers to that image under the service's own name, and publishes nothing there: only a
  // release does.
  if (same === undefined) {
    await attestBuild(context, build, { pushed: digest, startedAt: builtAt, finishedAt: context.workspace.host.now() });
  }
  const isElsewhere = same !== undefined && name !== service.images[0];
  const published = isElsewhere
    ? await readPushed(registry, service.images[0], publication)
    : await publishProven(context, name, publication);
  return { ...builtImage(build, solve), published, kept: same !== undefined };
}

/**
 * Publishes an image under its fingerprint. What another run published meanwhile is taken only where it may be reused; else this run's image
 * takes its place.
 */
async function publishProven(
  { workspace: { registry }, prover }: BuildContext,
  name: ImageName,
  publication: Publication,
): Promise<PublishedImage> {
  const published = await publishImage(registry, name, publication);
  if (prover === undefined || (publication.prefix ?? "") !== "") return published;
  const proven = await prover.prove(published);
  if (proven.kind === "published") return published;
  return publishImage(registry, name, { ...publication, replaces: true });
}

/** Result of a run that publishes nothing: the image on disk, or the published image if it has the same content. */
async function keepBuilt(
  context: BuildContext,
  build: PlatformBuild,
  solve: FinishedSolve,
  folder: string,
): Promise<PlatformResult> {
  const { service, platform, read } = build;
  const { registry } = context.workspace;
  const { base: local, content } = await readImageLayout(folder, digestOf(solve), platform);
  const same = await findSame(context, build, () => Promise.resolve(content));
  const { fingerprint } = read.inputs;
  const built = { ...builtImage(build, solve), published: undefined, local };
  if (same === undefined || fingerprint === null) return built;
  const [name] = service.images;
  const { commit, builtAt, digest: pushed } = same;
  const publication = { platform, fingerprint, commit, builtAt, buildSeconds: solve.seconds, pushed };
  const published = await readPushed(registry, name, publication);
  return { ...built, published, local: undefined, kept: true };
}

/** The platform result for a published image that is reused. */
export function reusedPlatform(published: PublishedImage): PlatformResult {
  const { platform, fingerprint } = published;
  return { platform, fingerprint, published, local: undefined, solve: undefined, kept: false };
}

/**
 * Builds, and retries a transient failure twice. When the SBOM scanner fails in the end, builds once more without it, unless the SBOM is
 * required.
 */
async function buildWithRetries(
  context: BuildContext,
  request: BuildRequest,
  needsSbom: boolean,
): Promise<FinishedSolve> {
  const { host, emit } = context.workspace;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await runBuild(host, request, emit);
    const { service } = request;
    const { platform } = request.definition;
    if (outcome.kind === "built") {
      const { cachedVertices, ranVertices, cachedBytes, seconds } = outcome;
      emit({ kind: "solve-ended", service, platform, cachedVertices, ranVertices, cachedBytes, seconds });
      return outcome;
    }
    if (!outcome.transient || attempt === 3) {
      if (!outcome.atScanner || needsSbom) throw new BuildFailure(outcome);
      const message = `${service} ${platform} has no SBOM: ${outcome.because}`;
      emit({ kind: "warning", message, service });
      return buildWithRetries(context, { ...request, scanner: undefined }, needsSbom);
    }
    const seconds = attempt * 2 + host.random() * 2;
    const message = `${service} ${platform}: ${outcome.because}; trying again`;
    emit({ kind: "waiting", message, seconds });
    await host.sleep(seconds * 1000);
  }
}
