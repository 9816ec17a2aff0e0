import { SlipwayError } from "../../errors.ts";
import { fieldsOf, type Fields, parseJson } from "../../formats/json.ts";
import { getIdentityToken } from "../../github/identity-token.ts";
import type { Host } from "../../host.ts";
import type { IdentityAccess } from "../../model/ci-run.ts";

/** The run's own tokens for Sigstore. */
export interface RunIdentity {
  /** A token that is good for a minute at least. */
  getToken(): Promise<string>;
  /** What GitHub says of the run in its token. The signature is for the certificate authority to check. */
  readClaims(): Promise<Fields>;
}

/** Milliseconds that a token is used for. GitHub's are valid for five minutes. */
const freshMs = 120_000;

export function makeRunIdentity(host: Host, access: IdentityAccess): RunIdentity {
  let last: { readonly at: number; readonly token: Promise<string> } | undefined;
  const getToken = (): Promise<string> => {
    if (last === undefined || host.monotonic() - last.at > freshMs) {
      const token = getIdentityToken(host, access, "sigstore");
      last = { at: host.monotonic(), token };
      token.catch(() => {
        last = undefined;
      });
    }
    return last.token;
  };
  return { getToken, readClaims: async () => claimsOf(await getToken()) };
}

function claimsOf(token: string): Fields {
  const claims = fieldsOf(parseJson(Buffer.from(token.split(".")[1] ?? "", "base64url")));
  if (Object.keys(claims).length > 0) return claims;
  throw new SlipwayError("signing-denied", "reading the token of this run: it is no JSON Web Token");
}
