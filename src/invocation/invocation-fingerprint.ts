import type { InvocationInputs } from "../model/build-record.ts";
import { digestOf } from "../model/digest.ts";
import type { Fingerprint } from "../model/inputs.ts";
import { byKey } from "../model/order.ts";

/**
 * Version of the fingerprint. It is increased when equal inputs may lead to another pushed image than before, so that earlier records are not reused.
 */
const algorithm = "1";

/** Computes the digest of the platforms' fingerprints and of the settings; null: the fingerprint of a platform is unknown. */
export function invocationFingerprint({ platforms, settings }: InvocationInputs): Fingerprint | null {
  const sorted = platforms.toSorted(byKey(({ platform }) => platform));
  const fingerprints = sorted.map(({ platform, fingerprint }) => [platform, fingerprint] as const);
  if (fingerprints.some(([, fingerprint]) => fingerprint === null)) return null;
  const counted = Object.entries(settings).sort(byKey(([name]) => name));
  return digestOf(JSON.stringify({ invocation: algorithm, platforms: fingerprints, settings: counted }));
}
