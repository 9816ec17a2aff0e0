import type { ErrorKind } from "./model/error-kind.ts";
import type { Digest } from "./model/digest.ts";
import type { CacheTierName } from "./model/service.ts";
import type { Platform } from "./model/platform.ts";
import type { Plan, Step } from "./model/plan.ts";
import type { ImageName } from "./model/reference.ts";

/** One solve of one service on one platform. */
export interface SolveId {
  readonly service: string;
  readonly platform: Platform;
}

/** A line of a file of the repository, counted from 1. */
export interface FailedPlace {
  readonly file: string;
  readonly line: number;
}

/** How a service ended. */
export type Outcome =
  | { readonly kind: "reused"; readonly digest: Digest }
  /**
   * `digest` null: the run publishes nothing, so nobody can have it. `kept`: rebuilt to the same content, so the published digest
   * stays (early cutoff).
   */
  | { readonly kind: "built"; readonly digest: Digest | null; readonly seconds: number; readonly kept: boolean }
  /** `hint`: what to do about it. `place`: the line of the Dockerfile whose instruction failed, where BuildKit says which. */
  | {
      readonly kind: "failed";
      /** Decides the exit code. */
      readonly errorKind: ErrorKind;
      readonly because: string;
      /** Registry that refused for lack of a login or of permission. */
      readonly registry?: string;
      readonly hint?: string;
      readonly seconds: number;
      readonly log: readonly string[];
      readonly place?: FailedPlace;
    }
  | { readonly kind: "cancelled"; readonly because: string };

/** What was read from or written to one cache tier in one solve. */
export interface CacheUse {
  readonly tier: CacheTierName;
  readonly direction: "import" | "export";
  readonly reference: string;
  readonly state: "used" | "missing" | "failed" | "left-out";
  readonly seconds: number;
  readonly because: string | undefined;
  /** Layers that an export wrote; BuildKit tells no bytes. */
  readonly layers?: number;
}

/** Everything that is told to a person, to CI or to the history. `--events FILE` writes one JSON object a line, with `at`. */
export type Event =
  | { readonly kind: "phase"; readonly phase: "discover" | "plan" | "build" | "commit" | "promote" | "notes" }
  | { readonly kind: "warning"; readonly message: string; readonly service?: string }
  /** What the run does not do, and why; no fault. */
  | { readonly kind: "notice"; readonly message: string }
  | { readonly kind: "planned"; readonly plan: Plan; readonly seconds: number }
  | { readonly kind: "decided"; readonly step: Step }
  | ({ readonly kind: "solve-started" } & SolveId)
  | ({
      readonly kind: "vertex";
      readonly name: string;
      readonly state: "started" | "cached" | "done" | "failed";
      readonly seconds: number;
    } & SolveId)
  | ({ readonly kind: "log"; readonly line: string } & SolveId)
  | ({ readonly kind: "cache"; readonly use: CacheUse } & SolveId)
  | ({
      readonly kind: "solve-ended";
      readonly cachedVertices: number;
      readonly ranVertices: number;
      /** Of layers that were fetched from caches, for a later instruction or the image; whole bytes, compressed. */
      readonly cachedBytes: number;
      readonly seconds: number;
    } & SolveId)
  | { readonly kind: "service-ended"; readonly service: string; readonly outcome: Outcome }
  /** `release`: what a person calls it, which the record's tag may not spell. */
  | {
      readonly kind: "committed";
      readonly record: string;
      readonly release: string;
      readonly digest: Digest;
      readonly already: boolean;
    }
  | {
      readonly kind: "tag";
      readonly image: ImageName;
      readonly tag: string;
      readonly from: Digest | null;
      readonly to: Digest;
      readonly state: "created" | "moved" | "already" | "stays" | "failed";
      readonly because: string | undefined;
    }
  /** `draft`: somebody else's, added to. `left-out`: nothing was written; `url` is null then. */
  | {
      readonly kind: "github-release";
      readonly tag: string;
      readonly state: "published" | "updated" | "same" | "draft" | "left-out";
      readonly url: string | null;
      readonly because: string | undefined;
    }
  | { readonly kind: "waiting"; readonly message: string; readonly seconds: number }
  | {
      readonly kind: "summary";
      readonly built: number;
      readonly reused: number;
      readonly failed: number;
      readonly cancelled: number;
      readonly seconds: number;
      /** Compressed bytes of the images that were built. */
      readonly builtBytes: number;
      /** Requests to registries, and the bytes read and written by Slipway itself. */
      readonly requests: number;
      readonly bytes: number;
    };

export type Emit = (event: Event) => void;
