import { type KeyObject, createPublicKey, createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { type GitHubAnswer, type GitHubRequest, answer, json } from "./message.ts";

/** What the claims are made of, for one job; https://docs.github.com/actions/reference/security/oidc */
export type OidcClaims = Readonly<Record<string, string>>;

/** The token service of Actions, with a key of its own. */
export interface Oidc {
  /** The bearer token with which one job asks for its tokens. */
  giveRequestToken(claims: OidcClaims): string;
  answer(request: GitHubRequest): GitHubAnswer;
}

const lifetimeSeconds = 300;

export function makeOidc(issuer: string, now: () => number): Oidc {
  const jobs = new Map<string, OidcClaims>();
  let key: { readonly id: string; readonly secret: KeyObject } | undefined;
  const keyOf = () =>
    (key ??= { id: randomUUID(), secret: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey });

  const makeToken = (claims: OidcClaims): string => {
    const { id, secret } = keyOf();
    const seconds = Math.floor(now() / 1000);
    const payload = {
      jti: randomUUID(),
      ...claims,
      iss: issuer,
      nbf: seconds,
      iat: seconds,
      exp: seconds + lifetimeSeconds,
    };
    const text = `${encode({ alg: "RS256", typ: "JWT", kid: id })}.${encode(payload)}`;
    return `${text}.${createSign("RSA-SHA256").update(text).sign(secret).toString("base64url")}`;
  };

  return {
    giveRequestToken(claims) {
      const token = `oidc-request-${randomUUID()}`;
      jobs.set(token, claims);
      return token;
    },
    answer(request) {
      switch (request.url.pathname) {
        case "/oidc/token": {
          const claims = jobs.get((request.headers["authorization"] ?? "").replace(/^bearer /i, ""));
          if (claims === undefined) return json(401, { message: "Unauthorized" });
          const audience = request.url.searchParams.get("audience") ?? claims["aud"] ?? "";
          const value = makeToken({ ...claims, aud: audience });
          return json(200, { count: value.length, value });
        }
        case "/oidc/.well-known/openid-configuration":
          return json(200, {
            issuer,
            jwks_uri: `${issuer}/.well-known/jwks`,
            response_types_supported: ["id_token"],
            id_token_signing_alg_values_supported: ["RS256"],
          });
        case "/oidc/.well-known/jwks": {
          const { id, secret } = keyOf();
          const { n, e } = createPublicKey(secret).export({ format: "jwk" });
          return json(200, { keys: [{ kty: "RSA", use: "sig", alg: "RS256", kid: id, n, e }] });
        }
        default:
          return answer(404);
      }
    },
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
