import type { ImageName } from "../model/reference.ts";
import type { Transport } from "./transport.ts";

/**
 * Whether a registry has the referrers API, and so takes manifests with a subject and an artifact type of their own. Asks for a digest that
 * nothing has: with the API, the answer is an empty list. Source: distribution-spec, "Listing Referrers".
 */
export async function hasReferrersApi(
  transport: Transport,
  name: ImageName,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { status } = await transport.call({
    doing: `asking for the referrers API of ${name}`,
    name,
    method: "GET",
    at: `referrers/sha256:${"0".repeat(64)}`,
    actions: ["pull"],
    accept: [200, 400, 404, 405, 501],
    tries: 2,
    signal,
  });
  return status === 200;
}
