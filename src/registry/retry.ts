import type { Fault } from "./fault.ts";

/** Number of tries of a request. With delays that double from a quarter of a second, they take about twelve seconds. */
export const defaultTries = 7;

const firstWaitMs = 250;
const longestWaitMs = 30_000;
/** First delay after a rate limit without `Retry-After`. GitHub's limits (403) last minutes, others seconds. */
const firstRateLimitWaitMs = 2000;
const firstForbiddenWaitMs = 15_000;
const longestRateLimitWaitMs = 60_000;
/** Upper limit of a delay that a registry asks for. */
const longestRetryAfterMs = 120_000;

/** Upper limit of tries for a fault. An unknown host name or blob rarely appears later. */
export function mostTries(fault: Fault): number {
  if (fault.kind === "connection" && fault.what === "name") return 3;
  return fault.kind === "status" && fault.isBlobUnknown ? 4 : Infinity;
}

/**
 * The delay before the next try, in milliseconds. `tries`: number of tries so far. `random` spreads clients that failed together over the
 * second half of the delay, and never below the delay that the registry asks for.
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
