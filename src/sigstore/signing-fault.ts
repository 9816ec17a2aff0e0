import { errorMessage, SlipwayError } from "../errors.ts";
import { fieldsOf } from "../formats/json.ts";
import type { SignerChoice } from "./signer-choice.ts";

/** Steps of signing, by the error code of @sigstore/sign. */
const doings: Readonly<Record<string, string>> = {
  IDENTITY_TOKEN_READ_ERROR: "asking GitHub for a token of this run",
  IDENTITY_TOKEN_PARSE_ERROR: "reading the token of this run",
  CA_CREATE_SIGNING_CERTIFICATE_ERROR: "asking for a certificate",
  TLOG_CREATE_ENTRY_ERROR: "writing to the transparency log",
  TLOG_FETCH_ENTRY_ERROR: "reading from the transparency log",
  TSA_CREATE_TIMESTAMP_ERROR: "asking for a timestamp",
};

/**
 * Says what failed while something was signed. `signing-denied`: the certificate authority does not accept the run's token, so that trying
 * again changes nothing. `signing-unavailable`: anything else. The library's own words are left out where they may hold the token.
 */
export function signingFault(error: unknown, choice: SignerChoice): SlipwayError {
  const { code, cause } = fieldsOf(error);
  const doing = `signing: ${typeof code === "string" ? (doings[code] ?? "making a bundle") : "making a bundle"}`;
  if (cause instanceof SlipwayError) return cause.reworded(`${doing}: ${cause.message}`);
  if (choice.kind === "key")
    return new SlipwayError("signing-key-invalid", `${doing}: ${errorMessage(error)}`, { cause: error });
  const said = code === "IDENTITY_TOKEN_PARSE_ERROR" ? "it is no JSON Web Token" : innermost(cause ?? error);
  const { statusCode: status } = fieldsOf(cause);
  const at = `${doing} (${addressOf(code, choice)}): ${said}`;
  const isRefused = typeof status === "number" && status >= 400 && status < 500 && status !== 429 && status !== 408;
  if (isRefused && code === "CA_CREATE_SIGNING_CERTIFICATE_ERROR") return new SlipwayError("signing-denied", at);
  if (code === "IDENTITY_TOKEN_PARSE_ERROR") return new SlipwayError("signing-denied", at);
  return new SlipwayError("signing-unavailable", at);
}

function addressOf(code: unknown, { services }: Extract<SignerChoice, { kind: "keyless" }>): string {
  switch (code) {
    case "TLOG_CREATE_ENTRY_ERROR":
    case "TLOG_FETCH_ENTRY_ERROR":
      return services.log ?? services.authority;
    case "TSA_CREATE_TIMESTAMP_ERROR":
      return services.timestamps ?? services.authority;
    default:
      return services.authority;
  }
}

/** The message of the first cause, which names what happened on the wire. */
function innermost(error: unknown): string {
  let at = error;
  for (let depth = 0; depth < 8 && at instanceof Error && at.cause instanceof Error; depth += 1) at = at.cause;
  return errorMessage(at);
}
