/** The facts behind the guides: the repository, and its measurements. */
export interface GuideFacts {
  /** `acme/shop`, or the folder's name where there is no remote. */
  readonly repository: string;
  /** `https://github.com/acme/shop`; undefined: not on GitHub. */
  readonly url: string | undefined;
  readonly trunk: string;
  /** Relative to the repository root. */
  readonly workflow: string;
  readonly layout: "matrix" | "single";
  /** Titles of the events on which the workflow releases: `push to trunk`, `schedule`; undefined: it has the triggers of a new workflow. */
  readonly releasedOn?: readonly string[] | undefined;
  readonly services: readonly GuideService[];
  /** By name; `default` where nothing is configured. */
  readonly groups: readonly { readonly name: string; readonly tag: string; readonly services: readonly string[] }[];
  /** The image name that holds the release manifests. */
  readonly releases: string;
  /** The source of versions: a person's tags, or a tool. */
  readonly versions: "tags" | "semantic-release" | "file" | "commits";
  /** Of the whole repository at the commit. */
  readonly tracked: Extent;
  readonly measured: MeasuredNumbers;
}

/** So many files, and their bytes; null where they are not known without fetching them. */
export interface Extent {
  readonly files: number;
  readonly bytes: number | null;
}

/** One service, as a reader of the guides meets it. */
export interface GuideService {
  readonly name: string;
  readonly group: string;
  readonly dockerfile: string;
  readonly platforms: readonly string[];
  /** The first holds fingerprints and caches. */
  readonly images: readonly [string, ...string[]];
  /** Templates, as configured. */
  readonly tags: { readonly version: readonly string[]; readonly branch: readonly string[] };
  readonly needs: readonly string[];
  /** The files that its build reads; null: its Dockerfile cannot be read. */
  readonly reads: Extent | null;
  /** Scopes in GitHub's cache and tags of the registry cache, one a platform. */
  readonly caches: readonly { readonly scope: string; readonly tag: string }[];
}

/** The source of the numbers in the comparison. */
export type MeasuredNumbers =
  /** Nothing can be measured yet, and why. */
  | { readonly kind: "nothing"; readonly because: string }
  /** Before the first release: the builds that the last commits would have caused. */
  | { readonly kind: "replay"; readonly replay: ReplayNumbers }
  /** From the release manifests in the registry, newest first; never empty. */
  | { readonly kind: "releases"; readonly releases: readonly ReleaseNumbers[] };

/** Counts of builds, as `slipway replay` counts them. */
export interface ReplayNumbers {
  readonly commits: number;
  readonly built: number;
  readonly reused: number;
  readonly missedByFolder: number;
  readonly services: readonly {
    readonly service: string;
    readonly built: number;
    readonly reused: number;
    readonly missedByFolder: number;
  }[];
}

/** One release, by its manifest. */
export interface ReleaseNumbers {
  /** `1.2.0`, or branch and commit. */
  readonly name: string;
  readonly releasedAt: string;
  readonly built: readonly string[];
  readonly reused: readonly string[];
  /** Of the services that were built. */
  readonly buildSeconds: number;
  /** Of the images that were built, compressed. */
  readonly builtBytes: number;
  /** Build time of the reused images when they were last built, as far as it is known. */
  readonly savedSeconds: number;
  readonly savedBytes: number;
  /** Reused services without a known build time: the saving is larger than `savedSeconds`. */
  readonly unmeasured: readonly string[];
}
