import type { Digest } from "./digest.ts";
import type { Fingerprint, Inputs } from "./inputs.ts";
import type { ImageName } from "./reference.ts";

/**
 * Whose records these are: `shared`, written by runs that whoever may change the default branch decides over, or those of one ref
 * (`refs/heads/feature`).
 */
export type RecordSet = string;

/** The set that every run reads. */
export const sharedSet: RecordSet = "shared";

/** The sets that a run reads, the first one first, and the one that it writes. */
export interface RecordAccess {
  readonly reads: readonly RecordSet[];
  /** Null: none; `because` says why. */
  readonly writes: RecordSet | null;
  /** As the end of a sentence: "it is a pull request". */
  readonly because: string;
}

/** Images that one build pushed, under the fingerprint of everything that decided them. */
export interface InvocationRecord {
  readonly set: RecordSet;
  readonly fingerprint: Fingerprint;
  readonly image: RecordedPush;
  /** ISO 8601. */
  readonly builtAt: string;
  /** Empty: the files are of no commit. */
  readonly commit: string;
  readonly buildSeconds: number;
  /** Types of the attestations that are beside the image: `provenance`, `sbom`. */
  readonly attestations: readonly string[];
}

/** Targets of a build's tags. */
export interface RecordedPush {
  readonly name: ImageName;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  /** As `--iidfile` has it, where that is another digest. */
  readonly configDigest: Digest | null;
}

/** Everything that decides what an invocation pushes. Plain JSON. */
export interface InvocationInputs {
  readonly platforms: readonly Inputs[];
  /** Settings that count for the pushed image besides the inputs of its platforms, by name. Sorted. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * What a record keeps of inputs: enough to say which of today's inputs changed since, and nothing to whoever has not got the files, since
 * an image may be public where its repository is not. Names and values are hashes; bases keep their digest.
 */
export interface InputsSketch {
  readonly version: 1;
  readonly entries: Readonly<Record<string, string>>;
}

/** Record under a fingerprint. */
export type FoundRecord =
  | { readonly kind: "found"; readonly record: InvocationRecord }
  /** `warning`: something else is under the record's tag. */
  | { readonly kind: "missing"; readonly warning?: string }
  /** The record is there, and something of its image is not. */
  | { readonly kind: "not-whole"; readonly record: InvocationRecord; readonly missing: string };
