import type { DeployedRelease } from "./deployed.ts";
import type { ErrorCode } from "./error-code.ts";
import type { ErrorKind } from "./error-kind.ts";
import type { Digest } from "./digest.ts";
import type { Plan } from "./plan.ts";
import type { ImageName } from "./reference.ts";
import type { ReleasedService, ReleaseManifest } from "./release.ts";

// What the commands print with `--json`, beside Plan and Inputs. Schemas: docs/reference.

/** The JSON document of `slipway services`; schema: `docs/reference/services.schema.json`. */
export interface ServicesDocument {
  readonly services: readonly {
    readonly service: string;
    readonly context: string;
    readonly dockerfile: string;
    readonly target: string | null;
    readonly args: Readonly<Record<string, string>>;
    readonly images: readonly string[];
    readonly needs: readonly string[];
    readonly platforms: readonly string[];
  }[];
  readonly leftOut: readonly { readonly path: string; readonly because: string }[];
  /** Services whose inputs cannot be read from the files that are there now. */
  readonly unplannable: readonly UnplannableService[];
}

/** A service that no command can plan as it is. */
export interface UnplannableService {
  readonly service: string;
  readonly because: string;
  /** Advice; null: the reason already says what to do. */
  readonly hint: string | null;
}

/** The JSON document of `slipway build`; schema: `docs/reference/build.schema.json`. */
export interface BuildDocument {
  readonly version: 1;
  readonly commit: string;
  readonly services: readonly BuiltService[];
}

export interface BuiltService {
  readonly service: string;
  readonly outcome: "reused" | "built" | "failed" | "cancelled";
  /** `name@sha256:…` of the index over the platforms; null when there is none: it failed, or the run publishes nothing. */
  readonly image: string | null;
  /** Rebuilt to the same content: the published image stays. */
  readonly kept: boolean;
  readonly seconds: number | null;
  readonly because: string | null;
  /** What went wrong, for programs: see cli.md; null when it did not fail. */
  readonly errorKind: ErrorKind | null;
  /** Follows from the kind, and decides the exit code; null when it did not fail. */
  readonly code: ErrorCode | null;
  /** Advice; null: there is none. */
  readonly hint: string | null;
}

/** The JSON document of `slipway release`; schema: `docs/reference/release.schema.json`. */
export interface ReleaseDocument {
  readonly version: 1;
  /**
   * `already`: the same release exists, and its tags are in place now. `failed`: a service failed and nothing moved. `nothing`: the version
   * source gives no version to release.
   */
  readonly state: "released" | "already" | "failed" | "dry-run" | "nothing";
  /** Why this version, or why none, where the command chose it: `2 features, 1 fix since 1.2.0`; else null. */
  readonly because: string | null;
  readonly plan: Plan | null;
  readonly services: readonly BuiltService[];
  /** Tags as a dry run expects them; empty outside of a dry run. */
  readonly tags: readonly PlannedTag[];
  /** One a release group. */
  readonly releases: readonly {
    readonly record: string;
    readonly manifest: ReleaseManifest;
    readonly githubRelease: WrittenGitHubRelease | null;
  }[];
  readonly notes: string | null;
}

/** The GitHub release of a version, and what was done to it. */
export interface WrittenGitHubRelease {
  readonly url: string;
  /** `published`: created now. `updated`: completed. `same`: it had everything. `draft`: a person's draft, left alone. */
  readonly state: "published" | "updated" | "same" | "draft";
}

/** The JSON document of `slipway rollback`; schema: `docs/reference/rollback.schema.json`. */
export interface RollbackDocument {
  readonly version: 1;
  /** The target release, as commands take it. */
  readonly to: string;
  /** The rollback's own record; null in a dry run. */
  readonly record: string | null;
  /** The same rollback was there already. */
  readonly already: boolean;
  readonly tags: readonly {
    readonly service: string;
    readonly image: string;
    readonly tag: string;
    readonly from: Digest | null;
    readonly to: Digest;
    readonly state: "already" | "created" | "moved" | "contested" | "conflict" | "failed";
  }[];
}

/** The JSON document of `slipway abandon`; schema: `docs/reference/abandon.schema.json`. */
export interface AbandonDocument {
  readonly version: 1;
  /** The abandoned release, as commands take it. */
  readonly release: string;
  /** The abandonment's own record; null in a dry run. */
  readonly record: string | null;
  /** The release was abandoned before. */
  readonly already: boolean;
  /** Its moving tags that belong to another release now. */
  readonly tags: RollbackDocument["tags"];
  /** Tags as `IMAGE:TAG` that stay where they are: its version tags, and moving tags that no other release gives. */
  readonly left: readonly string[];
}

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

/** A tag that a release would create, move, or leave where it is because it belongs to a newer one. */
export interface PlannedTag {
  readonly service: string;
  readonly image: string;
  readonly tag: string;
  /** `already`: the tag is where this release would put it. `stay`: the tag stays at the release that it belongs to. */
  readonly action: "create" | "move" | "already" | "stay";
  /** The release that the tag belongs to, once this one is made: a version, or the record of another release. */
  readonly release: string;
  /** Why another release keeps the tag; null where this one gets it. */
  readonly because: string | null;
}

/** The JSON document of `slipway status`; schema: `docs/reference/status.schema.json`. */
export interface Status {
  readonly releases: readonly ReleaseStatus[];
  readonly rollbacks: readonly { readonly record: string; readonly to: string; readonly decidedAt: string }[];
  /** Tags of the releases shown, sorted by image and tag. */
  readonly tags: readonly TagStatus[];
  /** Records without a mark, oldest first: their tags may not be in place. `tags` covers the last 100 of them. */
  readonly unfinished: readonly string[];
  /** Releases with a version tag that holds another image than the record, oldest first. No command moves such a tag. */
  readonly spoilt: readonly string[];
  readonly abandonments: readonly { readonly record: string; readonly release: string; readonly abandonedAt: string }[];
  /** Which release a list of images is; absent: none was given. */
  readonly deployed?: DeployedRelease;
}

/** A release as `slipway status` shows it. */
export interface ReleaseStatus {
  readonly record: string;
  readonly group: string;
  readonly version: string | null;
  readonly branch: string | null;
  readonly commit: string;
  readonly releasedAt: string;
  /** Whether all its tags were in place once. */
  readonly isFinished: boolean;
  /** `spoilt`: a version tag holds another image than the record says. `abandoned`: put aside by a record. */
  readonly state: "finished" | "unfinished" | "spoilt" | "abandoned";
  readonly services: readonly ServiceStatus[];
}

export interface ServiceStatus {
  readonly service: string;
  readonly images: readonly ImageName[];
  readonly digest: Digest;
  readonly origin: ReleasedService["origin"];
  readonly commit: string;
  readonly builtAt: string;
  /** Seconds since it was built. */
  readonly ageSeconds: number;
}

export interface TagStatus {
  readonly service: string;
  readonly image: ImageName;
  readonly tag: string;
  readonly kind: "version" | "moving";
  readonly isAt: Digest | null;
  readonly belongsAt: Digest;
  /** The release it belongs to, as commands take it. */
  readonly release: string;
  /** The rollback record that holds it there; null: none does. */
  readonly rollback: string | null;
  /** What is wrong; null: the tag is where it belongs. */
  readonly wrong: string | null;
}

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
    /** What it hangs on where it may publish nothing. */
    readonly perhaps: readonly string[];
  }[];
}

/** The JSON document of `slipway init`; schema: `docs/reference/init.schema.json`. */
export interface InitDocument {
  readonly version: 1;
  /** `written`: the files were written. `same`: nothing had to change. `dry-run`, `declined`: nothing was written. */
  readonly state: "written" | "same" | "dry-run" | "declined";
  /** Null: lines of workflows that are there change, and none is written. */
  readonly layout: "matrix" | "single" | null;
  /** What the services were read from; empty where none are looked for. */
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
  }[];
  /** What is published on each event before and after, as references; empty where no workflow that publishes changes. */
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
