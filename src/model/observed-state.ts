import type { Digest } from "./digest.ts";
import type { Fingerprint, InputChange, UncountedInput } from "./inputs.ts";
import type { Reason } from "./plan.ts";
import type { Platform } from "./platform.ts";
import type { FoundImage } from "./published-image.ts";

/** Facts that a plan is decided from: everything that was read of the repository and the registry. Plain JSON. */
export interface ObservedState {
  readonly commit: string;
  /** ISO 8601. The age of an image counts until then. */
  readonly observedAt: string;
  /** In dependency order. */
  readonly services: readonly ObservedService[];
}

/** One service as it was observed. */
export interface ObservedService {
  readonly service: string;
  /** Names of services that are done before it; those that were not observed with it are done. */
  readonly needs: readonly string[];
  /** Built though nothing changed. */
  readonly forced: boolean;
  /** Why the plan of the run builds it, where another job planned it; null: it is decided from what was observed. */
  readonly plannedReason: Reason | null;
  /** Age from which an image is built anew; null: none is too old. */
  readonly refreshSeconds: number | null;
  /** Name that an untrusted run may not look up, so that the service was not read; null: it was read. */
  readonly withheld: string | null;
  readonly platforms: readonly ObservedPlatform[];
  /**
   * The same with the bases of the released image, for a service that holds them and is built: a build follows its bases, and what
   * it is built for is seen without that. Null: the same as `platforms`.
   */
  readonly held: readonly ObservedPlatform[] | null;
  readonly uncounted: readonly UncountedInput[];
}

/** One platform of a service as it was observed. */
export interface ObservedPlatform {
  readonly platform: Platform;
  /** Null where the image of a service that it starts from is not known. */
  readonly fingerprint: Fingerprint | null;
  /** Services whose images are among its inputs, with the digest that was counted; null: there is no image yet. */
  readonly startsFrom: readonly { readonly service: string; readonly digest: Digest | null }[];
  readonly volatile: { readonly because: string } | null;
  readonly found: FoundImage;
  /** Changes since the image of the last release; null: never released, or its inputs are unknown. */
  readonly changes: readonly InputChange[] | null;
}
