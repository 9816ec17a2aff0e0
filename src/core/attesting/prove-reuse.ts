import { findBoundBuild } from "../../attestation/prove-service.ts";
import type { FoundImage, PublishedImage } from "../../model/published-image.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { OpenedProof } from "./open-proof.ts";
import { openVerifier } from "./open-verifier.ts";
import { readStatements } from "./read-statements.ts";
import { makeTrustPolicy } from "./trust-policy.ts";

/** Decides whether an image that was found by its fingerprint may be reused. */
export interface ReuseProver {
  /**
   * The image with commit and time as its own build signed them, which count before annotations; `not-whole` where no trusted statement binds
   * it to its fingerprint.
   */
  prove(image: PublishedImage): Promise<Exclude<FoundImage, { kind: "missing" }>>;
}

/**
 * Makes the prover of a command; undefined: slipway.yaml asks for no proof, or the run is untrusted and publishes nothing. Opens the verifier for
 * the first image.
 */
export function makeReuseProver(workspace: Workspace): ReuseProver | undefined {
  const { project, trust, registry, ci } = workspace;
  if (project.signing.reuse === "any" || trust.kind === "untrusted") return undefined;
  let opening: Promise<OpenedProof> | undefined;
  const open = async (): Promise<OpenedProof> => {
    const { verifier, keys } = await openVerifier(workspace);
    return { verifier, policy: { ...makeTrustPolicy(workspace, keys), run: ci.id } };
  };
  return {
    async prove(image) {
      const { verifier, policy } = await (opening ??= open());
      const { trusted, distrusted } = await readStatements(registry, image, verifier, policy);
      const build = findBoundBuild(
        image,
        trusted.map(({ statement }) => statement),
      );
      if (build !== undefined) return { ...image, ...build };
      const more = distrusted.length === 0 ? "" : ` (${[...new Set(distrusted)].join("; ")})`;
      return { kind: "not-whole", missing: `a trusted statement that it was built from these inputs${more}` };
    },
  };
}
