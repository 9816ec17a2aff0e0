/** The JSON document of `slipway init`; schema: `docs/reference/init.schema.json`. */
export interface InitDocument {
  readonly version: 1;
  /** `written`: the files were written. `same`: nothing had to change. `dry-run`, `declined`: nothing was written. */
  readonly state: "written" | "same" | "dry-run" | "declined";
  /** Null: lines of workflows that are there change, and none is written. */
  readonly layout: "matrix" | "single" | null;
  /** Source of the services; empty: none are looked for. */
  readonly source: string;
  readonly services: readonly {
    readonly service: string;
    readonly dockerfile: string;
    readonly platforms: readonly string[];
    readonly images: readonly string[];
    readonly tags: { readonly version: readonly string[]; readonly branch: readonly string[] };
  }[];
  /** Workflows that build images, and what becomes of them. */
  readonly workflows: readonly {
    readonly file: string;
    readonly becomes: "replaced" | "kept";
    readonly images: readonly string[];
  }[];
  /** Places that publish from workflows that are there. `because`: why one stays as it is. */
  readonly publishers: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly how: string;
    readonly becomes: "reusing" | "as-it-is";
    readonly because: string | null;
    /** Why its builds are never reused, and what can be done; empty: no reason is known. */
    readonly never: readonly string[];
  }[];
  /** References published on each event before and after; empty: no workflow that publishes changes. */
  readonly events: readonly {
    readonly event: string;
    readonly before: readonly string[];
    readonly after: readonly string[];
  }[];
  /** The file that configures semantic-release: `.releaserc.json`, `package.json`; null: there is none. */
  readonly releaserc: string | null;
  readonly files: readonly {
    readonly path: string;
    readonly change: "create" | "change" | "remove" | "same";
    /** Who wrote the file that is there: Slipway, Slipway with later edits, or a person; null: there is no file. */
    readonly written: "generated" | "edited" | "foreign" | null;
    readonly diff: string;
  }[];
  /** Parts of the old workflow that the new one does not take over. */
  readonly notCarried: readonly { readonly file: string; readonly line: number; readonly message: string }[];
  /** Parts of the old workflow that Slipway does in its own way. */
  readonly replaced: readonly string[];
  readonly notes: readonly string[];
}
