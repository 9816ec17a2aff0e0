import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { fulcioHandler } from "@sigstore/mock";
import {
  answer,
  asObject,
  asText,
  type GitHubAnswer,
  type JsonObject,
  json,
  objectIn,
  objectsIn,
} from "../github/message.ts";

/** A token service whose tokens are accepted. */
export interface TrustedIssuer {
  /** Where its keys are: `http://127.0.0.1:PORT/oidc`. */
  readonly url: string;
  /** Its name in certificates; default: GitHub's token service, which it stands for. */
  readonly name?: string;
}

export const githubIssuer = "https://token.actions.githubusercontent.com";
const audience = "sigstore";

type CertificateAuthority = Parameters<typeof fulcioHandler>[0];

/**
 * A certificate authority with Fulcio's second API. It checks a token's signature, issuer, audience and time, and that whoever asks has the key;
 * the certificate names the workflow, as Fulcio's template for GitHub does.
 */
export async function issueCertificate(
  ca: CertificateAuthority,
  issuers: readonly TrustedIssuer[],
  body: Uint8Array,
  now: number,
): Promise<GitHubAnswer> {
  const request = objectIn(body);
  const token = asText(asObject(request?.["credentials"])?.["oidcIdentityToken"]);
  const asked = asObject(request?.["publicKeyRequest"]);
  const key = asText(asObject(asked?.["publicKey"])?.["content"]);
  const checked = await checkToken(token, issuers, now);
  if (typeof checked === "string") return refusal(401, checked);
  const proof = Buffer.from(asText(asked?.["proofOfPossession"]), "base64");
  if (!verify("sha256", Buffer.from(asText(checked.claims["sub"])), key, proof)) {
    return refusal(400, "the signature supplied in the request could not be verified");
  }
  const claims = {
    ...checked.claims,
    iss: checked.issuer.name ?? githubIssuer,
    sub: `https://github.com/${asText(checked.claims["job_workflow_ref"])}`,
  };
  const credentials = { oidcIdentityToken: unsigned(claims) };
  const made = await fulcioHandler(ca).fn(JSON.stringify({ ...request, credentials }));
  return answer(made.statusCode, { "content-type": made.contentType ?? "text/plain" }, bytesOf(made.response));
}

function bytesOf(response: string | ArrayBufferView): string | Uint8Array {
  return typeof response === "string"
    ? response
    : new Uint8Array(response.buffer, response.byteOffset, response.byteLength);
}

async function checkToken(
  token: string,
  issuers: readonly TrustedIssuer[],
  now: number,
): Promise<string | { readonly claims: JsonObject; readonly issuer: TrustedIssuer }> {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const [head, claims] = [header, payload].map((part) => objectIn(Buffer.from(part, "base64url")));
  if (head === undefined || claims === undefined) return "error processing the identity token: malformed";
  const issuer = issuers.find(({ url }) => url === claims["iss"]);
  if (issuer === undefined) return `error processing the identity token: unsupported issuer ${asText(claims["iss"])}`;
  const key = (await readKeys(issuer)).find((each) => each["kid"] === head["kid"]);
  if (key === undefined) return "error processing the identity token: unknown key";
  const isSigned = verify(
    "RSA-SHA256",
    Buffer.from(`${header}.${payload}`),
    createPublicKey({ key: key as JsonWebKey, format: "jwk" }),
    Buffer.from(signature, "base64url"),
  );
  if (!isSigned) return "error processing the identity token: failed to verify signature";
  if (claims["aud"] !== audience) return `error processing the identity token: expected audience "${audience}"`;
  if (Number(claims["exp"]) * 1000 <= now) return "error processing the identity token: token is expired";
  if (Number(claims["nbf"]) * 1000 > now + 60_000) return "error processing the identity token: token is not valid yet";
  return { claims, issuer };
}

async function readKeys({ url }: TrustedIssuer): Promise<readonly JsonObject[]> {
  const settings = asObject(await (await fetch(`${url}/.well-known/openid-configuration`)).json());
  const keys = asObject(await (await fetch(asText(settings?.["jwks_uri"]))).json());
  return objectsIn(keys?.["keys"]);
}

/** The claims as a token, for a handler that reads them and nothing else. */
function unsigned(claims: JsonObject): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${encode({ alg: "none" })}.${encode(claims)}.`;
}

function refusal(status: number, message: string): GitHubAnswer {
  return json(status, { code: status, message });
}
