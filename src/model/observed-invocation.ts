import type { InvocationRecord, FoundRecord } from "./build-record.ts";
import type { Fingerprint, InputChange } from "./inputs.ts";

/** Why a build invocation is built. `plan/explain-drop-in.ts` has a line for each. */
export type DropInBuildReason =
  /** Reuse is switched off. */
  | { readonly kind: "off" }
  /** A nightly build is there to refresh. */
  | { readonly kind: "scheduled" }
  | { readonly kind: "no-cache"; readonly written: string }
  | { readonly kind: "not-understood"; readonly written: string; readonly because: string }
  /** Nothing is built: the frontend is asked for something else. */
  | { readonly kind: "call"; readonly call: string }
  /** The image stays on this machine. */
  | { readonly kind: "output"; readonly type: string }
  | { readonly kind: "no-image-name" }
  | { readonly kind: "volatile"; readonly because: string }
  | { readonly kind: "not-planned"; readonly because: string }
  | { readonly kind: "no-record" }
  | { readonly kind: "inputs-changed"; readonly changes: readonly InputChange[] }
  | { readonly kind: "base-moved"; readonly bases: readonly string[] }
  | { readonly kind: "too-old"; readonly builtAt: string; readonly refreshSeconds: number }
  | { readonly kind: "not-whole"; readonly missing: string }
  | { readonly kind: "attestations-missing"; readonly types: readonly string[] };

/** Why a published image stands for a build. */
export type DropInReuseReason =
  | { readonly kind: "unchanged" }
  /** The bases moved, and the build holds those that it was built from. */
  | { readonly kind: "held"; readonly bases: readonly string[] };

/** Decision on one build invocation. */
export type ReuseDecision =
  | { readonly kind: "reuse"; readonly record: InvocationRecord; readonly reason: DropInReuseReason }
  | { readonly kind: "build"; readonly reason: DropInBuildReason };

/** Facts that a decision is made from: everything that was read of an invocation, its files and the registry. Plain JSON. */
export type ObservedInvocation =
  /** Its inputs are not known, or do not matter. */
  | { readonly kind: "not-read"; readonly reason: DropInBuildReason }
  | {
      readonly kind: "read";
      /** ISO 8601. The age of a record counts until then. */
      readonly observedAt: string;
      readonly fingerprint: Fingerprint;
      /** Built though nothing changed; null: only if something did. */
      readonly forced: Extract<DropInBuildReason, { readonly kind: "off" | "scheduled" | "no-cache" }> | null;
      readonly volatile: { readonly because: string } | null;
      readonly found: FoundRecord;
      /** The same with the bases of the build before; null: it follows them, or they did not move. */
      readonly held: { readonly found: FoundRecord; readonly bases: readonly string[] } | null;
      /** Types of the attestations that are asked for. */
      readonly attestations: readonly string[];
      readonly refreshSeconds: number;
      /** Since the build before; null: there is none, or its inputs are not known. */
      readonly changes: readonly InputChange[] | null;
    };
