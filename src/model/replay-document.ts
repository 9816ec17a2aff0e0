/** The builds that one commit would have caused, compared with the commit before it. */
export interface ReplayedCommit {
  readonly commit: string;
  readonly subject: string;
  readonly at: string;
  /** Services whose inputs changed. */
  readonly built: readonly string[];
  /** Services whose inputs did not change, so that building them would have been needless. */
  readonly reused: readonly string[];
  /** Services with changed inputs outside of their own folder: a rule by folders misses these. */
  readonly missedByFolder: readonly string[];
  /** Why this commit cannot be planned; null: it can. */
  readonly unreadable: string | null;
}

export interface ReplayedService {
  readonly service: string;
  readonly built: number;
  readonly reused: number;
  readonly missedByFolder: number;
}

/** The JSON document of `slipway replay`; schema: `docs/reference/replay.schema.json`. */
export interface ReplayDocument {
  readonly version: 1;
  readonly totals: {
    readonly commits: number;
    readonly built: number;
    readonly reused: number;
    /** Needless builds when every commit builds every service: the sum of `reused`. */
    readonly needless: number;
    readonly missedByFolder: number;
    /** Null without a build time. */
    readonly minutesSaved: number | null;
  };
  readonly services: readonly ReplayedService[];
  readonly commits: readonly ReplayedCommit[];
}
