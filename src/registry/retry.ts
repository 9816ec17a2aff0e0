import type { Fault } from "./fault.ts";

/** So many tries, waits between them doubling from a quarter of a second: about twelve seconds of patience. */
export const defaultTries = 7;

const firstWaitMs = 250;
const longestWaitMs = 30_000;
/** A rate limit without a `Retry-After`: GitHub asks for patience counted in minutes, others in seconds. */
const firstRateLimitWaitMs = 2000;
const firstForbiddenWaitMs = 15_000;
const longestRateLimitWaitMs = 60_000;
/** However long a registry asks to wait, no longer than this. */
const longestRetryAfterMs = 120_000;

/** How many tries a fault is worth: a host name that does not exist seldom comes into being, nor a blob that was never pushed. */
export function mostTries(fault: Fault): number {
  if (fault.kind === "connection" && fault.what === "name") return 3;
  return fault.kind === "status" && fault.isBlobUnknown ? 4 : Infinity;
}

/**
 * How long to wait after the try with this number (from 1), in milliseconds. `random` spreads clients that failed
 * together: between half of the wait and all of it, and never less than the registry asks for.
 */
export function backoffMs(fault: Fault, tries: number, random: number): number {
  const [first, longest] = waitsOf(fault);
  const wait = Math.min(longest, first * 2 ** (tries - 1));
  const spread = wait / 2 + (wait / 2) * random;
  if (fault.kind !== "status" || fault.retryAfterMs === undefined) return Math.round(spread);
  const asked = Math.min(fault.retryAfterMs, longestRetryAfterMs);
  return Math.round(asked + firstWaitMs * random);
}

function waitsOf(fault: Fault): readonly [first: number, longest: number] {
  if (fault.kind !== "status" || !fault.isRateLimit) return [firstWaitMs, longestWaitMs];
  return [fault.status === 403 ? firstForbiddenWaitMs : firstRateLimitWaitMs, longestRateLimitWaitMs];
}
