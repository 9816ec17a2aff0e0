import { judgeSigner, type TrustPolicy } from "../../attestation/judge.ts";
import { readAttachedBundles } from "../../images/attached-statements.ts";
import type { Digest } from "../../model/digest.ts";
import type { ImageName } from "../../model/reference.ts";
import type { VerifiedStatement } from "../../model/statement.ts";
import { settleAll } from "../../model/settle.ts";
import type { Registry } from "../../registry/registry.ts";
import type { BundleVerifier } from "../../sigstore/verifier.ts";

/** A statement that verifies and whose signer is trusted. */
export interface TrustedStatement extends VerifiedStatement {
  /** The bundle's JSON. */
  readonly bundle: string;
}

/** Statements attached to one manifest, by whether they count. */
export interface ReadStatements {
  readonly trusted: readonly TrustedStatement[];
  /** Reasons why the others do not count, one each. */
  readonly distrusted: readonly string[];
}

/** Reads, verifies and judges everything that is attached to a manifest under an image name. */
export async function readStatements(
  registry: Registry,
  { name, digest }: { readonly name: ImageName; readonly digest: Digest },
  verifier: BundleVerifier,
  policy: TrustPolicy,
): Promise<ReadStatements> {
  const { bundles, passedOver } = await readAttachedBundles(registry, name, digest);
  const judged = await settleAll(
    bundles.map(({ bundle }) => judgeBundle(new TextDecoder().decode(bundle), verifier, policy)),
  );
  return {
    trusted: judged.filter((each) => typeof each !== "string"),
    distrusted: [...passedOver, ...judged.filter((each) => typeof each === "string")],
  };
}

/** Verifies a bundle and judges its signer; a text: why it does not count. */
export async function judgeBundle(
  bundle: string,
  verifier: BundleVerifier,
  policy: TrustPolicy,
): Promise<TrustedStatement | string> {
  const verification = await verifier.verify(bundle);
  if (verification.kind === "fault") return `a statement does not verify: ${verification.fault.because}`;
  const distrust = judgeSigner(verification.verified, policy);
  return distrust === undefined
    ? { ...verification.verified, bundle }
    : `a statement does not count: ${distrust.because}`;
}
