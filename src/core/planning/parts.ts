import type { ErrorCode } from "../../model/error-code.ts";
import type { DefinitionFields } from "../../inputs/definition-fields.ts";
import type { CacheUse } from "../../event.ts";
import type { Digest } from "../../model/digest.ts";
import type { Fingerprint } from "../../model/inputs.ts";
import type { Plan } from "../../model/plan.ts";
import type { Platform } from "../../model/platform.ts";
import type { PublishedImage } from "../../model/published-image.ts";

// What the jobs of one run hand to each other, as JSON in artifacts: `plan` makes a RunPlan, each `build` a Part, and `release`
// takes them. Nothing is decided twice, so that what is released is what was planned and built.

/** One job of a matrix: one platform of one service. */
export interface MatrixEntry {
  readonly service: string;
  readonly platform: Platform;
}

/** What a run was asked to do; a job that comes later asks the same. */
export interface Asked {
  /** Without `v`; null: the branch is released, or nothing. */
  readonly version: string | null;
  /** Null: the one that is checked out. */
  readonly branch: string | null;
  /** The one release group; null: all, or those that have `only`. */
  readonly group: string | null;
  /** Services to plan, build and release; empty: all of the groups. */
  readonly only: readonly string[];
}

/** What names outside of the repository stood for when the run was planned: builds of the run go on with the same. */
export interface Pins {
  /** `digest`: what the reference named, an index or a manifest. Sorted by reference, then platform. */
  readonly images: readonly { readonly reference: string; readonly platform: Platform; readonly digest: Digest }[];
  /** Git contexts. Sorted by URL. */
  readonly git: readonly { readonly url: string; readonly commit: string }[];
}

/** What one platform of a service was planned to be built from. */
export interface PlannedDefinition extends MatrixEntry {
  readonly fields: DefinitionFields;
}

/** What the plan job of a run gives to its other jobs. */
export interface RunPlan {
  readonly version: 1;
  readonly plan: Plan;
  /** ISO 8601. What is forced, volatile or too old was built by this run when it is newer. */
  readonly plannedAt: string;
  /** Whether what is built is pushed and published under its fingerprint; a pull request publishes nothing. */
  readonly publishes: boolean;
  /** The number of the pull request whose builds are pushed as previews, and published nowhere else; null: there are none. */
  readonly preview: number | null;
  readonly asked: Asked;
  /** Names of services that are built though nothing changed. */
  readonly forced: readonly string[];
  /** The published images that are reused, whole: `release` asks for none of them again. */
  readonly reused: readonly { readonly service: string; readonly published: PublishedImage }[];
  readonly pins: Pins;
  /** Of each platform that is built and whose inputs are known: a job that reads other inputs says which. Absent in plans of earlier versions. */
  readonly definitions?: readonly PlannedDefinition[];
  /** The matrix of each matrix job of the workflow, in order; empty where a job has nothing to build. */
  readonly matrices: readonly (readonly MatrixEntry[])[];
}

/** What came of one job of a matrix. */
export interface Part {
  readonly version: 1;
  readonly commit: string;
  readonly service: string;
  readonly platform: Platform;
  /** Null: it failed before that was known. */
  readonly fingerprint: Fingerprint | null;
  /** `cancelled`: what it needs failed, or the run was interrupted. */
  readonly outcome: "built" | "reused" | "failed" | "cancelled";
  /** Of the platform's image manifest; null: there is none, or it was not kept (a run that publishes nothing). */
  readonly digest: Digest | null;
  /** The image as it is under its fingerprint, for the index over platforms; null: the run publishes nothing, or it failed. */
  readonly published: PublishedImage | null;
  /** It was built, and is the same as what was released before: that image stays. */
  readonly kept: boolean;
  /** How long the solve took; null: there was none. */
  readonly seconds: number | null;
  /** Instructions that came from a cache, and that ran, and the bytes of fetched layers; null: there was no solve. */
  readonly vertices: { readonly cached: number; readonly ran: number; readonly cachedBytes: number } | null;
  readonly cache: readonly CacheUse[];
  /** Why it failed or was cancelled; null otherwise. */
  readonly because: string | null;
  /** The kind of failure; null when it did not fail. */
  readonly code: ErrorCode | null;
  /** Registry that refused for lack of a login or of permission. */
  readonly registry?: string;
  /** What to do about it. */
  readonly hint: string | null;
  /** The last lines that the failing instruction wrote. */
  readonly log: readonly string[];
  /** The line of the Dockerfile where the failing instruction begins. */
  readonly place: { readonly file: string; readonly line: number } | null;
}
