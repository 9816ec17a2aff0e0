import { judgeSigner, type TrustPolicy } from "../../attestation/judge.ts";
import { findBoundBuild } from "../../attestation/prove-service.ts";
import { readAttachedBundles } from "../../images/attached-statements.ts";
import type { FoundImage, PublishedImage } from "../../model/published-image.ts";
import { settleAll } from "../../model/settle.ts";
import type { VerifiedStatement } from "../../model/statement.ts";
import type { BundleVerifier } from "../../sigstore/verifier.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { openVerifier } from "./open-verifier.ts";
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
  let opening: Promise<{ readonly verifier: BundleVerifier; readonly policy: TrustPolicy }> | undefined;
  const open = async () => {
    const { verifier, keys } = await openVerifier(workspace);
    return { verifier, policy: makeTrustPolicy(workspace, keys) };
  };
  return {
    async prove(image) {
      const { verifier, policy } = await (opening ??= open());
      const { bundles } = await readAttachedBundles(registry, image.name, image.digest);
      const verified = await settleAll(bundles.map(({ bundle }) => verifier.verify(bundle)));
      const statements = verified.flatMap((each) => (each.kind === "verified" ? [each.verified] : []));
      const distrust = statements.map((each) => ({ each, because: whyNot(each, policy, ci.id) }));
      const trusted = distrust.filter(({ because }) => because === undefined).map(({ each }) => each.statement);
      const build = findBoundBuild(image, trusted);
      if (build !== undefined) return { ...image, ...build };
      const faults = verified.flatMap((each) => (each.kind === "fault" ? [each.fault.because] : []));
      const reasons = [...distrust.flatMap(({ because }) => because ?? []), ...faults];
      const more = reasons.length === 0 ? "" : ` (${[...new Set(reasons)].join("; ")})`;
      return { kind: "not-whole", missing: `a trusted statement that it was built from these inputs${more}` };
    },
  };
}

/** Why a statement does not count for reuse. What another job of this very run signed counts on whatever ref it runs. */
function whyNot(verified: VerifiedStatement, policy: TrustPolicy, run: string | undefined): string | undefined {
  const distrust = judgeSigner(verified, policy);
  const { signer } = verified;
  const isOwn =
    run !== undefined && signer.kind === "workflow" && signer.run.includes(`/actions/runs/${run}/attempts/`);
  return distrust?.kind === "ref" && isOwn ? undefined : distrust?.because;
}
