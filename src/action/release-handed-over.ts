import type { ReleaseDocument } from "../model/documents.ts";
import { type PartsReleaseRequest, releaseParts } from "../core/jobs/release-parts.ts";
import type { HandedOver } from "./handover.ts";
import type { OpenJob } from "./job.ts";

/** Releases the images that the run's other jobs planned and built. Results that no longer exist are looked up in the registry. */
export async function releaseHandedOver(
  job: OpenJob,
  { runPlan, parts }: HandedOver,
  request: Omit<PartsReleaseRequest, "runPlan" | "parts">,
): Promise<ReleaseDocument> {
  if (runPlan !== undefined) job.emit({ kind: "planned", plan: runPlan.plan, seconds: 0 });
  return releaseParts(job.workspace, { ...request, runPlan, parts });
}
