import type { VersionSource } from "../model/version-source.ts";
import type { Purpose } from "../core/workspace/decide-purpose.ts";

/**
 * Returns the source of a version for the release of a branch; undefined: the branch itself is released. The configuration for tags (`version: tag`)
 * does not apply to branches.
 */
export function versionSourceOf(
  purpose: Purpose,
  asked: VersionSource | undefined,
  configured: VersionSource | undefined,
): VersionSource | undefined {
  if (purpose.kind !== "branch") return undefined;
  return asked ?? (configured?.kind === "tag" ? undefined : configured);
}
