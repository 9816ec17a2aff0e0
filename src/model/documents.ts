import type { ErrorCode } from "./error-code.ts";
import type { ErrorKind } from "./error-kind.ts";
import type { Digest } from "./digest.ts";
import type { Plan } from "./plan.ts";
import type { ReleaseManifest } from "./release.ts";

// Documents that commands which build and release print with `--json`, besides Plan and Inputs. Schemas: docs/reference.

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
  /** Kind of the error, for programs: see cli.md; null: it did not fail. */
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
