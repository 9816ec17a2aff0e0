import { byKey } from "../model/order.ts";
import type { Platform } from "../model/platform.ts";

/** One platform of one service that a run builds. */
export interface CachedBuild {
  readonly service: string;
  readonly platform: Platform;
}

/** GitHub refuses more of one repository a minute; https://docs.github.com/actions/reference/limits */
const uploadsPerMinute = 200;
/** What one build stores: an index, and a layer for most of its instructions and of its base. */
const entriesPerBuild = 12;
/** One service also writes the shared scope, at the same time: BuildKit reserves each layer a second time, and is told that it is there. */
const sharedBuilds = 1;

const mostBuilds = Math.floor(uploadsPerMinute / entriesPerBuild) - sharedBuilds;

/**
 * Whether GitHub's cache takes what this build stores, among everything that the run builds, should all of it end in the same
 * minute. Every job of a run comes to the same answer, since it goes by names alone; the rest has the registry.
 */
export function hasRoomInGha({ service, platform }: CachedBuild, builds: readonly CachedBuild[]): boolean {
  const sorted = [...builds].sort(byKey((each) => `${each.service} ${each.platform}`));
  const at = sorted.findIndex((each) => each.service === service && each.platform === platform);
  return at < mostBuilds;
}
