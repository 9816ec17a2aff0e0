/** The JSON document of `slipway publishers`; schema: `docs/reference/publishers.schema.json`. */
export interface PublishersDocument {
  readonly version: 1;
  /** By file and line. */
  readonly publishers: readonly PublisherEntry[];
}

/** One place that publishes images, once for each way that leads to it. */
export interface PublisherEntry {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly workflow: string;
  readonly job: string;
  readonly step: string;
  readonly how: string;
  /** False: it pushes or names what another place built. */
  readonly builds: boolean;
  /** The called workflows, local actions, scripts and targets of make that led there, with where each was called. */
  readonly via: readonly {
    readonly kind: string;
    readonly name: string;
    readonly file: string;
    readonly line: number;
    readonly column: number;
  }[];
  readonly understood: boolean;
  /** Null: it is understood. */
  readonly because: string | null;
  /** Events on which nothing is published are absent. */
  readonly publishes: readonly {
    readonly event: string;
    /** `unknown`: parts of the reference that are not known before a run. */
    readonly images: readonly { readonly reference: string; readonly unknown: readonly string[] }[];
    /** Conditions on which nothing may be published. */
    readonly perhaps: readonly string[];
  }[];
}
