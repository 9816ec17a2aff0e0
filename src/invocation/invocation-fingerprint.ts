import type { InvocationInputs } from "../model/build-record.ts";
import { digestOf } from "../model/digest.ts";
import type { Fingerprint } from "../model/inputs.ts";
import { byKey } from "../model/order.ts";

/** Goes up when equal inputs may mean another pushed image than before: nothing recorded before is reused then. */
const algorithm = "1";

/** The digest over the fingerprints of an invocation's platforms and what counts beside them; null where one is not known. */
export function invocationFingerprint({ platforms, settings }: InvocationInputs): Fingerprint | null {
  const sorted = platforms.toSorted(byKey(({ platform }) => platform));
  const fingerprints = sorted.map(({ platform, fingerprint }) => [platform, fingerprint] as const);
  if (fingerprints.some(([, fingerprint]) => fingerprint === null)) return null;
  const counted = Object.entries(settings).sort(byKey(([name]) => name));
  return digestOf(JSON.stringify({ invocation: algorithm, platforms: fingerprints, settings: counted }));
}
