import type { ErrorKind } from "../../model/error-kind.ts";
import type { DefinitionFields } from "../../inputs/definition-fields.ts";
import type { CacheUse } from "../../event.ts";
import type { Digest } from "../../model/digest.ts";
import type { Fingerprint } from "../../model/inputs.ts";
import type { Plan, Reason } from "../../model/plan.ts";
import type { Platform } from "../../model/platform.ts";
import type { SigningChoice } from "../../model/signing.ts";
import type { PublishedImage } from "../../model/published-image.ts";

// The values that the jobs of one run hand over, as JSON in artifacts: `plan` makes a RunPlan, each `build` job a Part, and `release` reads
// all of them. No job decides again, so that exactly the planned and built images are released.

/** One job of a matrix: one platform of one service. */
export interface MatrixEntry {
  readonly service: string;
  readonly platform: Platform;
}

/** Options that a run was started with. Later jobs of the run use the same. */
export interface RequestedRelease {
  /** Version without `v`; null: a release of the branch, or no release. */
  readonly version: string | null;
  /** Branch to release; null: the one that is checked out. */
  readonly branch: string | null;
  /** The one release group; null: all groups, or the groups of `only`. */
  readonly group: string | null;
  /** Services to plan, build and release; empty: all services of the groups. */
  readonly only: readonly string[];
}

/** Digests and commits that external names stood for when the run was planned. All builds of the run use them. */
export interface Pins {
  /** Base images, sorted by reference, then platform. `digest`: of the index or manifest that the reference named. */
  readonly images: readonly { readonly reference: string; readonly platform: Platform; readonly digest: Digest }[];
  /** Git contexts, sorted by URL. */
  readonly git: readonly { readonly url: string; readonly commit: string }[];
}

/** The planned build definition of one platform of a service. */
export interface PlannedDefinition extends MatrixEntry {
  readonly fields: DefinitionFields;
}

/** The plan job's result, which all other jobs of the run read. */
export interface RunPlan {
  readonly version: 1;
  readonly plan: Plan;
  /** Time of planning, ISO 8601. An image of a forced, volatile or expired service counts as this run's if it is newer. */
  readonly plannedAt: string;
  /** Whether images are pushed and published under their fingerprints. A pull request publishes nothing. */
  readonly publishes: boolean;
  /** Number of the pull request whose builds are pushed as previews only; null: no previews. */
  readonly preview: number | null;
  readonly asked: RequestedRelease;
  /** Names of services that are built although nothing changed. */
  readonly forced: readonly string[];
  /** Published images that are reused, confirmed complete; `release` does not check them again. */
  readonly reused: readonly { readonly service: string; readonly published: PublishedImage }[];
  readonly pins: Pins;
  /**
   * Build definitions of the platforms that are built, where all inputs are known. A job that reads other inputs names the fields that
   * differ. Absent in plans of earlier versions.
   */
  readonly definitions?: readonly PlannedDefinition[];
  /** How the run signs what it builds; absent in plans of earlier versions, whose runs do not sign. */
  readonly signing?: SigningChoice;
  /** Matrix of each matrix job of the workflow, in order; empty for a job that has nothing to build. */
  readonly matrices: readonly (readonly MatrixEntry[])[];
}

/** Result of one job of a matrix. */
export interface Part {
  readonly version: 1;
  readonly commit: string;
  readonly service: string;
  readonly platform: Platform;
  /** Fingerprint of the inputs; null: the job failed before it was known. */
  readonly fingerprint: Fingerprint | null;
  /** `cancelled`: a service that it needs failed, or the run was interrupted. */
  readonly outcome: "built" | "reused" | "failed" | "cancelled";
  /** Digest of the platform's image manifest; null: there is no image, or a run that publishes nothing deleted it. */
  readonly digest: Digest | null;
  /** Image published under the fingerprint, for the index over platforms; null: the run publishes nothing, or the build failed. */
  readonly published: PublishedImage | null;
  /** Whether the built image has the content of the released image, which then stays in use. */
  readonly kept: boolean;
  /** Duration of the solve in seconds; null: there was no solve. */
  readonly seconds: number | null;
  /** Number of cached and of executed instructions, and the bytes of fetched layers; null: there was no solve. */
  readonly vertices: { readonly cached: number; readonly ran: number; readonly cachedBytes: number } | null;
  readonly cache: readonly CacheUse[];
  /** Why it was built or reused, as the job decided it; absent: the job failed before, or is of an earlier version. */
  readonly reason?: Reason;
  /** Reason for a failure or cancellation; null otherwise. */
  readonly because: string | null;
  /** Kind of a failure's error; null otherwise. */
  readonly errorKind: ErrorKind | null;
  /** Registry that denied access for lack of a login or of permission. */
  readonly registry?: string;
  /** What the user can do about a failure. */
  readonly hint: string | null;
  /** Last output lines of the failed instruction. */
  readonly log: readonly string[];
  /** Line of the Dockerfile where the failed instruction begins. */
  readonly place: { readonly file: string; readonly line: number } | null;
}
