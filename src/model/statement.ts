import type { Digest } from "./digest.ts";

/** What a statement is about. Its name decides nothing; its digest does. */
export interface StatementSubject {
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

/** An in-toto statement. Source: in-toto/attestation, spec/v1/statement.md. */
export interface Statement {
  readonly _type: "https://in-toto.io/Statement/v1";
  readonly subject: readonly StatementSubject[];
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

/** Media type of a statement inside of an envelope. */
export const statementType = "application/vnd.in-toto+json";

/** Media type of a Sigstore bundle, which is its artifact type in a registry, too. */
export const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** A signed statement as it is stored: the bundle's JSON. */
export interface SignedStatement {
  readonly statement: Statement;
  readonly bundle: string;
}

/** The workflow of GitHub Actions that signed, as the certificate names it. Absent extensions are empty texts. */
export interface WorkflowSigner {
  readonly kind: "workflow";
  /** Token service: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** The certificate's subject: `https://github.com/OWNER/REPO/.github/workflows/FILE@REF`. */
  readonly subject: string;
  /** `https://github.com/OWNER/REPO` whose commit was built, its number, and its owner's. */
  readonly repository: string;
  readonly repositoryId: string;
  readonly ownerId: string;
  readonly commit: string;
  readonly ref: string;
  /** `github-hosted` or `self-hosted`. */
  readonly runner: string;
  /** Event of the run, and its address. */
  readonly event: string;
  readonly run: string;
}

/** A key that signed, by the digest of its public half as DER. */
export interface KeySigner {
  readonly kind: "key";
  readonly key: Digest;
}

/** A statement whose signature, certificate and time are verified; whether its signer is trusted is another question. */
export interface VerifiedStatement {
  readonly statement: Statement;
  readonly signer: WorkflowSigner | KeySigner;
  /** When it was signed, by a log or a timestamp authority, ISO 8601; null: a key signed, and nobody said when. */
  readonly signedAt: string | null;
}

/** Why a bundle does not verify. */
export interface VerificationFault {
  readonly kind:
    | "not-a-bundle"
    | "not-a-statement"
    | "unknown-root"
    | "unknown-key"
    | "signature"
    | "certificate"
    | "log"
    | "timestamp";
  /** What is wrong, as a clause. */
  readonly because: string;
}
