import type { Digest } from "./digest.ts";
import type { ImageName } from "./reference.ts";
import type { KeySigner, WorkflowSigner } from "./statement.ts";

/** A statement that verifies and counts. */
export interface CountedStatement {
  readonly predicateType: string;
  readonly signer: WorkflowSigner | KeySigner;
  /** ISO 8601; null: a key signed, and nobody said when. */
  readonly signedAt: string | null;
  /** Images, frontends and contexts that a build was made from, by digest: a package URL or a name. */
  readonly madeFrom: readonly { readonly name: string; readonly digest: string }[];
}

/** An image, and what is proven of it under one of its names. */
export interface ImageProof {
  /** Null: the image was named by itself. */
  readonly service: string | null;
  /** Where it was looked for. */
  readonly name: ImageName;
  readonly digest: Digest;
  readonly isProven: boolean;
  readonly statements: readonly CountedStatement[];
  /** Whether a list of packages (SBOM) is in the image's index or signed beside it. */
  readonly hasSbom: boolean;
  /** Missing proofs, as clauses; empty: everything is proven. */
  readonly missing: readonly string[];
  /** Why statements that are there do not count. */
  readonly distrusted: readonly string[];
}

/** Result of `slipway verify`. */
export interface VerifyDocument {
  readonly version: 1;
  /** Record of the release; null: an image was named. */
  readonly release: string | null;
  readonly isProven: boolean;
  /** Missing proofs of the release itself, as clauses. */
  readonly missing: readonly string[];
  readonly images: readonly ImageProof[];
}
