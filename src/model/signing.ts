/** How a run signs, as `sign` in slipway.yaml says it. */
export type SignMode = "auto" | "public" | "github" | "key" | "off";

/** An instance of Sigstore of one's own, by its TUF repository. */
export interface SigstoreInstance {
  /** Base address of the repository's metadata. */
  readonly tuf: string;
  /** Its first root, as a file of the repository. */
  readonly root: string;
}

/** Whose signatures count. */
export interface TrustSettings {
  /** Workflows as paths in the repository (`.github/workflows/release.yml`); undefined: every workflow of the repository. */
  readonly workflows: readonly string[] | undefined;
  /** Patterns of full refs; undefined: trunk alone. */
  readonly refs: readonly string[] | undefined;
  /** Token service; undefined: that of the GitHub server. */
  readonly issuer: string | undefined;
  /** The repository's number on GitHub; undefined: that of the run, or none is asked for. */
  readonly repositoryId: string | undefined;
  /** Files of public keys, relative to the repository. */
  readonly keys: readonly string[];
  /** Files of trusted roots, relative to the repository, beside the root that TUF gives. */
  readonly roots: readonly string[];
}

/** Everything that slipway.yaml says about signatures. */
export interface SigningSettings {
  readonly mode: SignMode;
  /** File of the private key, relative to the repository or absolute, or `env:NAME`; undefined: `SLIPWAY_SIGNING_KEY` holds it. */
  readonly key: string | undefined;
  /** Undefined: the public instance. */
  readonly instance: SigstoreInstance | undefined;
  /** Version from which on every release has a signed statement; undefined: none must have one. */
  readonly since: string | undefined;
  /** Whether an image is reused only with a trusted statement that binds it to its fingerprint. */
  readonly reuse: "signed" | "any";
  readonly trust: TrustSettings;
}

/** How a run signs, decided once and handed on to its other jobs. `because`: why, as a clause. */
export type SigningChoice =
  | {
      readonly kind: "keyless";
      /** `public`: the public log. `own`: the instance of slipway.yaml. `github`: GitHub's instance, timestamps alone. */
      readonly instance: "public" | "own" | "github";
      /** Whether slipway.yaml asks for this by name, so that a private repository may be named in a public log. */
      readonly isAsked: boolean;
      readonly because: string;
    }
  | { readonly kind: "key"; readonly because: string }
  | { readonly kind: "off"; readonly because: string };
