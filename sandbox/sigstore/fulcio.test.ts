import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getIdentityToken } from "../../src/github/identity-token.ts";
import { makeRun } from "../../src/github/run.ts";
import { digestHex, digestOf } from "../../src/model/digest.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { makeSigner } from "../../src/sigstore/signer.ts";
import { failureOf } from "../../src/testing/failure-of.ts";
import { type GitHub, startGitHub } from "../github/index.ts";
import { type Sigstore, startSigstore } from "./index.ts";

const host = makeNodeHost();
const begin = Date.now();
/** Seconds that the certificate authority's clock is ahead of the token service's. */
let ahead = 0;
let github: GitHub;
let stranger: GitHub;
let sigstore: Sigstore;

beforeAll(async () => {
  const options = { repository: "acme/shop", now: () => begin };
  [github, stranger] = await Promise.all([startGitHub(options), startGitHub(options)]);
  sigstore = await startSigstore({ issuers: [{ url: `${github.url}/oidc` }], now: () => begin + ahead * 1000 });
});
afterAll(() => Promise.all([github.close(), stranger.close(), sigstore.close()]));
beforeEach(() => {
  ahead = 0;
});

/** What differs from a token that a job of the trusted service has just got. */
interface Difference {
  readonly service?: "stranger";
  readonly audience?: string;
  readonly ahead?: number;
  readonly change?: (token: string) => string;
}

async function sign({ service, audience = "sigstore", ahead: seconds = 0, change = (token) => token }: Difference) {
  ahead = seconds;
  const env = await (service === "stranger" ? stranger : github).env({ permissions: { "id-token": "write" } });
  const { identity } = makeRun(env, undefined).tokens;
  if (identity === undefined) throw new Error("the job has no access to tokens");
  const services = { authority: sigstore.url, log: sigstore.url, timestamps: undefined };
  const getToken = async () => change(await getIdentityToken(host, identity, audience));
  return makeSigner({ kind: "keyless", services, getToken }).sign({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "api", digest: { sha256: digestHex(digestOf("api")) } }],
    predicateType: "https://example.test/type",
    predicate: {},
  });
}

/** Writes claims of a token anew and keeps its signature. */
function withClaims(token: string, claims: object): string {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const before: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
  const after = Buffer.from(JSON.stringify(Object.assign({}, before, claims))).toString("base64url");
  return `${header}.${after}.${signature}`;
}

test.each<[string, Difference, Difference, string]>([
  ["another audience", { audience: "sigstore" }, { audience: "npm" }, 'expected audience "sigstore"'],
  ["an expired token", { ahead: 299 }, { ahead: 300 }, "token is expired"],
  ["a token of the future", { ahead: -60 }, { ahead: -62 }, "token is not valid yet"],
  ["another token service", {}, { service: "stranger" }, "unsupported issuer"],
  [
    "a token whose claims were changed",
    { change: (token) => withClaims(token, {}) },
    { change: (token) => withClaims(token, { ref: "refs/heads/other" }) },
    "failed to verify signature",
  ],
  [
    "a stranger's token that names the trusted service",
    { change: (token) => withClaims(token, { iss: `${github.url}/oidc` }) },
    { service: "stranger", change: (token) => withClaims(token, { iss: `${github.url}/oidc` }) },
    "unknown key",
  ],
])("a certificate is refused for %s, and given to its twin", async (_, twin, refused, message) => {
  sigstore.clearLog();
  await expect(sign(twin)).resolves.toMatchObject({ bundle: expect.stringContaining("certificate") });
  expect(sigstore.count({ kind: "rekor", method: "POST" })).toBe(1);
  const error = await failureOf(sign(refused));
  expect([error.kind, error.message]).toEqual(["signing-denied", expect.stringContaining(message)]);
  expect(sigstore.count({ kind: "rekor", method: "POST" })).toBe(1);
});
