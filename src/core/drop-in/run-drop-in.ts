import { errorMessage, isInterruption } from "../../errors.ts";
import { invocationFingerprint } from "../../invocation/invocation-fingerprint.ts";
import { readBuildArguments } from "../../invocation/read-build-arguments.ts";
import { spoilingArgs } from "../../invocation/spoiling-args.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import type { BuildRecord } from "../../model/build-record.ts";
import { explainDecision } from "../../plan/explain-drop-in.ts";
import { buildPlainly } from "./build-plainly.ts";
import { type PlanBasis, planDropIn, type PlannedBuild } from "./plan-drop-in.ts";
import { recordIfSame } from "./record-if-same.ts";
import type { DropInContext, DropInRequest, DropInResult } from "./request.ts";
import { describeReused, moveTagsTo, writeReports } from "./reuse-image.ts";

/**
 * Does what `docker buildx build` would do with these arguments: builds, or points the tags at a published image that is the same. What goes
 * wrong before the first tag moved leads to the build that was asked for. Throws `interrupted`, and what goes wrong after that; a build that
 * fails is a result with buildx's exit code.
 */
export async function runDropIn(given: DropInContext, request: DropInRequest): Promise<DropInResult> {
  const { cwd } = request;
  // Files that were read are remembered by host.
  const context = given.host.cwd === cwd ? given : { ...given, host: { ...given.host, cwd } };
  const invocation = readBuildArguments(request.argv, context.host.env);
  const planned = await planDropIn(context, request, invocation);
  const { decision, basis } = planned;
  const because = explainDecision(decision);
  const asked: Asked = { context, request, invocation };
  if (decision.kind === "build" || basis === null || request.options.reuse !== "on")
    return build(asked, planned, because);
  const fault = await reuse(asked, basis, decision.record);
  if (fault !== undefined) return build(asked, planned, `${because}, but reusing it failed: ${fault}`);
  const { image, buildSeconds } = decision.record;
  return {
    kind: "reused",
    because,
    ...factsOf(asked, basis),
    ...describeReused(invocation, image),
    digest: image.digest,
    exitCode: 0,
    savedSeconds: buildSeconds,
  };
}

/** What was asked for, and of whom. */
interface Asked {
  readonly context: DropInContext;
  readonly request: DropInRequest;
  readonly invocation: BuildInvocation;
}

/** Undefined: every tag points at the recorded image; else why nothing was written. */
async function reuse(
  { context, request, invocation }: Asked,
  { reading }: PlanBasis,
  { image }: BuildRecord,
): Promise<string | undefined> {
  let hasWritten = false;
  try {
    await moveTagsTo(context, reading.wanted, image, () => {
      hasWritten = true;
    });
  } catch (error) {
    if (hasWritten || isInterruption(error)) throw error;
    return errorMessage(error).split("\n")[0];
  }
  await writeReports(invocation, request.cwd, describeReused(invocation, image));
  return undefined;
}

async function build(asked: Asked, { basis }: PlannedBuild, because: string): Promise<DropInResult> {
  const { context, request, invocation } = asked;
  const built = await buildPlainly(context, request, invocation);
  if (built.exitCode === 0 && basis !== null) await recordIfSame(context, request, basis, built);
  const { imageId, digest, metadata, exitCode } = built;
  return {
    kind: "built",
    because,
    ...factsOf(asked, basis),
    imageId,
    digest,
    metadata,
    exitCode,
    savedSeconds: null,
  };
}

function factsOf(
  { context: { run, host }, invocation }: Asked,
  basis: PlanBasis | null,
): Pick<DropInResult, "fingerprint" | "spoiledBy"> {
  const { inputs, observed } = basis ?? {};
  const changes = observed?.kind === "read" ? (observed.changes ?? []) : [];
  const { commit, id } = run.ci;
  return {
    fingerprint: inputs === undefined ? null : invocationFingerprint(inputs),
    spoiledBy: spoilingArgs(changes, invocation.args, { commit, id, now: host.now() }),
  };
}
