import { errorMessage, isInterruption } from "../../errors.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import type { ReuseDecision } from "../../model/observed-invocation.ts";
import { decideReuse } from "../../plan/decide-reuse.ts";
import { recordAccess } from "../../plan/record-access.ts";
import { type ObservedBuild, observeInvocation, type Records } from "./observe-invocation.ts";
import { prepareDropIn } from "./prepare-drop-in.ts";
import type { InvocationReading } from "./read-invocation.ts";
import type { DropInContext, DropInRequest } from "./request.ts";

/** The decision for an invocation, with its basis. */
export interface PlannedBuild {
  readonly decision: ReuseDecision;
  /** Basis of the decision; null: the inputs were not read. */
  readonly basis: PlanBasis | null;
}

/** The observed build that a decision was made from. */
export interface PlanBasis extends ObservedBuild {
  readonly reading: InvocationReading;
  /** Records of the image; undefined: none are kept. */
  readonly records: Records | undefined;
}

/** Plans an invocation. Any fault, and any argument that Slipway does not know, is a reason to build. Throws only `interrupted`. */
export async function planDropIn(
  context: DropInContext,
  request: DropInRequest,
  invocation: BuildInvocation,
): Promise<PlannedBuild> {
  try {
    const prepared = await prepareDropIn(context, request, invocation);
    if (prepared.kind === "not-ready") return toBuild(prepared.reason);
    const { reading } = prepared;
    const records = recordsOf(context, request, reading);
    const observed = await observeInvocation(context, request, reading, records).catch(async (error: unknown) => {
      await reading.files.close?.();
      throw error;
    });
    return { decision: decideReuse(observed.observed), basis: { ...observed, reading, records } };
  } catch (error) {
    if (isInterruption(error)) throw error;
    const [because = ""] = errorMessage(error).split("\n");
    return toBuild({ kind: "not-planned", because });
  }
}

function toBuild(reason: Extract<ReuseDecision, { readonly kind: "build" }>["reason"]): PlannedBuild {
  return { decision: { kind: "build", reason }, basis: null };
}

function recordsOf(
  { run, host }: DropInContext,
  { options: { fingerprints } }: DropInRequest,
  reading: InvocationReading,
): Records | undefined {
  if (fingerprints === "off") return undefined;
  const store = fingerprints === "same" ? reading.wanted.names[0] : fingerprints;
  const isTrunk = host.env["SLIPWAY_RECORDS"] === "shared";
  return { store, access: recordAccess(run.ci, isTrunk) };
}
