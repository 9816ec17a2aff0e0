import type { VersionSource } from "../model/version-source.ts";
import type { Purpose } from "./purpose.ts";

/**
 * Where the version of a branch's release comes from; undefined: the branch is released as the branch. What is configured for
 * tags (`version: tag`) says nothing of a branch.
 */
export function versionSourceOf(
  purpose: Purpose,
  asked: VersionSource | undefined,
  configured: VersionSource | undefined,
): VersionSource | undefined {
  if (purpose.kind !== "branch") return undefined;
  return asked ?? (configured?.kind === "tag" ? undefined : configured);
}
