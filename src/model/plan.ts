import type { Fingerprint, InputChange, UncountedInput } from "./inputs.ts";
import type { Platform } from "./platform.ts";

/** Why a service is built, reused, or not decided yet. `plan/explain.ts` has a line for each. */
export type Reason =
  | { readonly kind: "unchanged" }
  | { readonly kind: "no-image" }
  /** Some platforms have an image, these have none: they were added, or their images are gone. */
  | { readonly kind: "platform-missing"; readonly platforms: readonly Platform[] }
  | { readonly kind: "inputs-changed"; readonly changes: readonly InputChange[] }
  | { readonly kind: "base-moved"; readonly bases: readonly string[] }
  /** The published image is of the same inputs, but of an earlier algorithm of the fingerprint. */
  | { readonly kind: "counted-anew" }
  /** Something that it is made from may not be looked up by an untrusted run. */
  | { readonly kind: "may-not-look-up"; readonly because: string }
  | { readonly kind: "waits"; readonly for: readonly string[] }
  | { readonly kind: "volatile"; readonly because: string }
  | { readonly kind: "forced" }
  | { readonly kind: "too-old"; readonly builtAt: string; readonly refreshSeconds: number }
  | { readonly kind: "not-whole"; readonly missing: string };

export interface PlatformStep {
  readonly platform: Platform;
  readonly fingerprint: Fingerprint | null;
  /** `name@sha256:…` of the platform's published image, when there is one to reuse. */
  readonly image: string | null;
}

/**
 * `build`: an image is made. `reuse`: the published one gets the new tags. `pending`: decided when what it needs is done.
 * `not-planned`: what it is made from may not be looked up here; nothing is done with it.
 */
export interface Step {
  readonly service: string;
  readonly kind: "build" | "reuse" | "pending" | "not-planned";
  readonly platforms: readonly PlatformStep[];
  readonly reason: Reason;
  /** What reaches the build and is no part of its fingerprint; absent where there is nothing. */
  readonly uncounted?: readonly UncountedInput[];
}

/** What would be done, in dependency order. */
export interface Plan {
  readonly version: 1;
  readonly commit: string;
  readonly steps: readonly Step[];
}
