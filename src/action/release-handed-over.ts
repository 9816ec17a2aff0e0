import { SlipwayError } from "../errors.ts";
import type { ReleaseDocument } from "../model/documents.ts";
import type { Part, RunPlan } from "../pipeline/parts.ts";
import { type PartsReleaseRequest, releaseParts } from "../pipeline/release-parts.ts";
import { openHandover } from "./handover.ts";
import type { OpenJob } from "./job.ts";

/** Releases what the run's other jobs planned and built. What they handed over and is gone is looked for in the registry. */
export async function releaseHandedOver(
  job: OpenJob,
  request: Omit<PartsReleaseRequest, "runPlan" | "parts">,
): Promise<ReleaseDocument> {
  const { runPlan, parts } = await readHandedOver(job);
  if (runPlan !== undefined) job.emit({ kind: "planned", plan: runPlan.plan, seconds: 0 });
  return releaseParts(job.workspace, { ...request, runPlan, parts });
}

async function readHandedOver({
  host,
  emit,
}: OpenJob): Promise<{ readonly runPlan: RunPlan | undefined; readonly parts: readonly Part[] }> {
  const handover = openHandover(host);
  try {
    const runPlan = await handover.getPlan();
    return { runPlan, parts: await handover.getParts(runPlan?.matrices.flat() ?? []) };
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== "unavailable") throw error;
    emit({ kind: "warning", message: error.message });
    return { runPlan: undefined, parts: [] };
  }
}
