/** What the option `reuse` of a drop-in build may be. */
export const reuseModes = ["on", "report", "off"] as const;

/** What its option `bases` may be. */
export const basesModes = ["follow", "hold"] as const;
