import { invocationFingerprint } from "../../invocation/invocation-fingerprint.ts";
import { readBuildArguments } from "../../invocation/read-build-arguments.ts";
import { spoilingArgs } from "../../invocation/spoiling-args.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import type { InvocationRecord } from "../../model/build-record.ts";
import type { ReuseDecision } from "../../model/observed-invocation.ts";
import { explainDecision } from "../../plan/explain-drop-in.ts";
import { buildOnInputs } from "./build-on-inputs.ts";
import { type BuiltPlainly, buildPlainly } from "./build-plainly.ts";
import { isSameForContainers } from "./compare-built.ts";
import { withoutLaterTags } from "./remaining-work.ts";
import { findLaterMove } from "./later-move.ts";
import { type PlanBasis, planDropIn, type PlannedBuild } from "./plan-drop-in.ts";
import { recordIfSame } from "./record-if-same.ts";
import type { DropInContext, DropInRequest, DropInResult } from "./request.ts";
import { placeStdin } from "./place-stdin.ts";
import { type BuildxReports, reportsOf, reuseImage, writeReports } from "./reuse-image.ts";

/**
 * Does what `docker buildx build` would do with these arguments: builds, or points the tags at a published image with the same inputs. A
 * fault before the first tag moved leads to the requested build. Throws `interrupted`, and faults after the first tag moved; a failed build
 * is a result with buildx's exit code.
 */
export async function runDropIn(given: DropInContext, request: DropInRequest): Promise<DropInResult> {
  const { cwd } = request;
  // Files that were read are remembered by host.
  const context = given.host.cwd === cwd ? given : { ...given, host: { ...given.host, cwd } };
  const { invocation, close } = await placeStdin(
    context.host,
    request,
    readBuildArguments(request.argv, context.host.env),
  );
  try {
    const planned = await planDropIn(context, request, invocation);
    const because = explainDecision(planned.decision);
    const run: DropInRun = { context, request, invocation, basis: planned.basis, because };
    try {
      return await perform(run, planned);
    } finally {
      await planned.basis?.reading.files.close?.();
    }
  } finally {
    await close();
  }
}

async function perform(given: DropInRun, { decision, basis }: PlannedBuild): Promise<DropInResult> {
  const { context, because } = given;
  const later = basis === null ? undefined : await findLaterMove(context, basis);
  if (basis === null || later === undefined) return buildOrReuse(given, decision);
  const held = withoutLaterTags(context, given.request, basis, later);
  if (held.kind === "nothing-left") return leave(given, held.because, later.record);
  return buildOrReuse({ ...given, request: held.request, basis: held.basis, because }, decision);
}

async function buildOrReuse(run: DropInRun, decision: ReuseDecision): Promise<DropInResult> {
  const { context, request, basis, because } = run;
  if (decision.kind === "build" || basis === null) return build(run);
  if (request.options.reuse !== "on") return reportReuse(run, basis, decision.record);
  const reused = await reuseImage(context, request, basis, decision.record);
  if (reused.kind === "failed")
    return build({ ...run, because: `${because}, but it cannot be reused: ${reused.because}` });
  return resultOfReuse(run, decision.record, reused.reports);
}

/** Builds nothing and leaves the tags at a later commit's image. Reports that image as the result of this run. */
async function leave(run: DropInRun, because: string, later: InvocationRecord): Promise<DropInResult> {
  const reports = reportsOf(run.invocation, later.image, undefined);
  await writeReports(run.invocation, run.request.cwd, reports);
  return { ...resultOfReuse({ ...run, because }, later, reports), savedSeconds: null };
}

function resultOfReuse(
  run: DropInRun,
  { image, buildSeconds }: InvocationRecord,
  reports: BuildxReports,
): DropInResult {
  const { digest } = image;
  return {
    kind: "reused",
    ...factsOf(run),
    ...reports,
    digest,
    exitCode: 0,
    savedSeconds: buildSeconds,
    pending: null,
  };
}

/** A drop-in build with its decision. */
interface DropInRun {
  readonly context: DropInContext;
  readonly request: DropInRequest;
  readonly invocation: BuildInvocation;
  /** Basis of the decision; null: the inputs were not read. */
  readonly basis: PlanBasis | null;
  readonly because: string;
}

async function build(run: DropInRun): Promise<DropInResult> {
  const { context, request, invocation, basis } = run;
  const { built, isRecordable } = await buildOnInputs(context, request, invocation, basis);
  const isRecorded = isRecordable && built.exitCode === 0 && basis !== null;
  const pending = isRecorded ? await recordIfSame(context, request, basis, built) : null;
  return { ...resultOf(run, built), pending };
}

/** Builds, and compares the built image with the one that would have been reused. */
async function reportReuse(run: DropInRun, basis: PlanBasis, { image }: InvocationRecord): Promise<DropInResult> {
  const { context, request, invocation } = run;
  const built = await buildPlainly(context, request, invocation);
  if (built.digest === undefined || built.exitCode !== 0) return { ...resultOf(run, built), pending: null };
  const [name] = basis.reading.wanted.names;
  const ours = { name, digest: built.digest };
  const isSameContent = await isSameForContainers(context.registry, ours, image, basis.reading.platforms);
  return { ...resultOf(run, built), pending: null, wouldReuse: { digest: image.digest, isSameContent } };
}

function resultOf(run: DropInRun, built: BuiltPlainly): Omit<DropInResult, "pending"> {
  const { imageId, digest, metadata, exitCode } = built;
  const wouldReuse = run.request.options.reuse === "report" ? { wouldReuse: null } : {};
  return { kind: "built", ...factsOf(run), imageId, digest, metadata, exitCode, savedSeconds: null, ...wouldReuse };
}

function factsOf({
  context: { run, host },
  invocation,
  basis,
  because,
}: DropInRun): Pick<DropInResult, "because" | "fingerprint" | "spoiledBy"> {
  const { inputs, observed } = basis ?? {};
  const changes = observed?.kind === "read" ? (observed.changes ?? []) : [];
  const { commit, id } = run.ci;
  return {
    because,
    fingerprint: inputs === undefined ? null : invocationFingerprint(inputs),
    spoiledBy: spoilingArgs(changes, invocation.args, { commit, id, now: host.now() }),
  };
}
