import { byKey } from "../model/order.ts";
import type { Platform } from "../model/platform.ts";

/** One platform of one service that a run builds. */
export interface CachedBuild {
  readonly service: string;
  readonly platform: Platform;
}

/** GitHub's limit of cache uploads per minute for one repository. Source: https://docs.github.com/actions/reference/limits */
const uploadsPerMinute = 200;
/** Estimated entries that one build stores: an index, and a layer for most instructions of the image and its base. */
const entriesPerBuild = 12;
/**
 * Builds to reserve for the shared scope, which one service writes as well. BuildKit reserves each of its layers again before it learns
 * that the layer exists.
 */
const sharedBuilds = 1;

const mostBuilds = Math.floor(uploadsPerMinute / entriesPerBuild) - sharedBuilds;

/**
 * Whether GitHub's upload limit leaves room for this build if all builds of the run end in the same minute. Depends only on names, so that
 * all jobs of a run agree; builds without room use the registry.
 */
export function hasRoomInGha({ service, platform }: CachedBuild, builds: readonly CachedBuild[]): boolean {
  const sorted = [...builds].sort(byKey((each) => `${each.service} ${each.platform}`));
  const at = sorted.findIndex((each) => each.service === service && each.platform === platform);
  return at < mostBuilds;
}
