/** Who signs images without a key, as the commands of other tools are told. */
export interface KeylessSigners {
  /** `https://github.com/OWNER/REPO`. */
  readonly repository: string;
  readonly issuer: string;
  /** Paths in the repository, or `OWNER/REPO/PATH` of a called workflow; undefined: every workflow of the repository. */
  readonly workflows: readonly string[] | undefined;
  /** Patterns of full refs; `*` stands for any text. */
  readonly refs: readonly string[];
  /** File of a trusted root; undefined: each tool's own. */
  readonly root: string | undefined;
  /** Whether cosign's own root knows the instance that signs. */
  readonly isKnownToCosign: boolean;
}

/**
 * Commands that verify an image, `NAME@sha256:…`, one for each tool that can. A release holds images that were built months before it, so
 * every ref that is allowed counts, not the release's own alone. `signers`: undefined where a key signs, which `slipway verify` alone knows.
 */
export function verifyCommands(image: string, signers: KeylessSigners | undefined): string[] {
  const own = `slipway verify ${image}`;
  if (signers === undefined) return [own];
  const { repository, issuer, root } = signers;
  const server = new URL(repository);
  if (server.host !== "github.com") return [own];
  const identity = quoted(identityPattern(signers));
  const slug = server.pathname.slice(1);
  const roots = (option: string): string => (root === undefined ? "" : ` ${option} ${quoted(root)}`);
  const gh = `gh attestation verify oci://${image} --bundle-from-oci --repo ${slug} --cert-identity-regex ${identity} --cert-oidc-issuer ${issuer}${roots("--custom-trusted-root")}`;
  const cosign = `cosign verify-attestation --type https://slsa.dev/provenance/v1 --certificate-identity-regexp ${identity} --certificate-oidc-issuer ${issuer}${roots("--trusted-root")} ${image}`;
  return [gh, ...(signers.isKnownToCosign || root !== undefined ? [cosign] : []), own];
}

/** A regular expression (RE2) of the certificates' subjects: allowed workflows at allowed refs, and nothing around them. */
function identityPattern({ repository, workflows, refs }: KeylessSigners): string {
  const { origin } = new URL(repository);
  const paths = workflows?.map((path) =>
    path.startsWith(".github/") ? escaped(`${repository}/${path}`) : escaped(`${origin}/${path}`),
  ) ?? [`${escaped(`${repository}/.github/workflows/`)}[^@]+`];
  return `^${oneOf(paths)}@${oneOf(refs.map((ref) => ref.split("*").map(escaped).join(".*")))}$`;
}

function oneOf(patterns: readonly string[]): string {
  return patterns.length === 1 ? (patterns[0] ?? "") : `(${patterns.join("|")})`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** As one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
