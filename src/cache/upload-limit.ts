import { byKey } from "../model/order.ts";
import type { Platform } from "../model/platform.ts";

/** One platform of one service that a run builds. */
export interface CachedBuild {
  readonly service: string;
  readonly platform: Platform;
}

/** GitHub's limit of uploads a minute for one repository; https://docs.github.com/actions/reference/limits */
const uploadsPerMinute = 200;
/** Entries that one build stores: an index, and a layer for most instructions of it and of its base. */
const entriesPerBuild = 12;
/**
 * One service also writes the shared scope at the same time. BuildKit reserves each of its layers again and learns that the layer exists.
 */
const sharedBuilds = 1;

const mostBuilds = Math.floor(uploadsPerMinute / entriesPerBuild) - sharedBuilds;

/**
 * Whether GitHub's upload limit leaves room for this build if all builds of the run end in the same minute. The answer depends on names
 * alone, so that all jobs of a run agree; builds without room use the registry.
 */
export function hasRoomInGha({ service, platform }: CachedBuild, builds: readonly CachedBuild[]): boolean {
  const sorted = [...builds].sort(byKey((each) => `${each.service} ${each.platform}`));
  const at = sorted.findIndex((each) => each.service === service && each.platform === platform);
  return at < mostBuilds;
}
