/**
 * Counts the work of a matcher, parser or expander, and ends it at a limit. A step takes constant time, so the limit bounds the
 * time of a loop that never yields: no signal can end such a loop.
 */
export class Steps {
  taken = 0;
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** @throws StepLimitError when the limit is passed */
  take(count: number): void {
    this.taken += count;
    if (this.taken > this.limit) throw new StepLimitError(this.limit);
  }
}

/** Thrown when a `Steps` passes its limit. Callers add the file and the line. */
export class StepLimitError extends Error {
  override readonly name = "StepLimitError";

  constructor(limit: number) {
    super(`takes more than ${limit.toLocaleString("en-US")} steps`);
  }
}
