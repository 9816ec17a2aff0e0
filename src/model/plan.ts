import type { Fingerprint, InputChange, UncountedInput } from "./inputs.ts";
import type { Platform } from "./platform.ts";

/** Why a service is built, reused, or not decided yet. `plan/explain.ts` has a line for each. */
export type Reason =
  | { readonly kind: "unchanged" }
  | { readonly kind: "no-image" }
  /** These platforms have no image, while others have: they were added, or their images were deleted. */
  | { readonly kind: "platform-missing"; readonly platforms: readonly Platform[] }
  | { readonly kind: "inputs-changed"; readonly changes: readonly InputChange[] }
  | { readonly kind: "base-moved"; readonly bases: readonly string[] }
  /** The published image has the same inputs, under the fingerprint of an earlier algorithm. */
  | { readonly kind: "counted-anew" }
  /** An untrusted run may not look up one of its inputs. */
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
 * `build`: build an image. `reuse`: tag the published image. `pending`: decided once the services that it needs are done. `not-planned`: an
 * untrusted run may not look up its inputs, so nothing is done.
 */
export interface Step {
  readonly service: string;
  readonly kind: "build" | "reuse" | "pending" | "not-planned";
  readonly platforms: readonly PlatformStep[];
  readonly reason: Reason;
  /** Values that reach the build outside of its fingerprint; absent: there are none. */
  readonly uncounted?: readonly UncountedInput[];
}

/** The steps of a command, in dependency order. */
export interface Plan {
  readonly version: 1;
  readonly commit: string;
  readonly steps: readonly Step[];
}
