import { createPublicKey, verify } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type GitHub, type JobOptions, startGitHub } from "./index.ts";

let time = 0;
let github: GitHub;

beforeEach(async () => {
  time = Date.now();
  github = await startGitHub({ repository: "acme/shop", now: () => time });
});
afterEach(() => github.close());

async function ask(job: JobOptions, audience?: string): Promise<Response> {
  const env = await github.env({ permissions: { "id-token": "write" }, ...job });
  const url = `${env["ACTIONS_ID_TOKEN_REQUEST_URL"]}${audience === undefined ? "" : `&audience=${audience}`}`;
  return fetch(url, { headers: { authorization: `bearer ${env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]}` } });
}

async function claimsOf(job: JobOptions, audience?: string): Promise<Record<string, unknown>> {
  const { value } = (await (await ask(job, audience)).json()) as { value: string };
  const [header = "", payload = "", signature = ""] = value.split(".");
  const issuer = `${github.url}/oidc`;
  const settings = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as { jwks_uri: string };
  const { keys } = (await (await fetch(settings.jwks_uri)).json()) as { keys: { kid: string }[] };
  const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string };
  const key = keys.find((each) => each.kid === kid);
  const publicKey = createPublicKey({ key: { ...key }, format: "jwk" });
  expect(
    verify("RSA-SHA256", Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, "base64url")),
  ).toBe(true);
  return JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
}

test("a job's token is signed with the key that is published, and says which job it is", async () => {
  const claims = await claimsOf({ ref: "refs/tags/v1.0.0", runId: "7", runAttempt: 2 }, "sigstore");
  expect(claims).toMatchObject({
    iss: `${github.url}/oidc`,
    aud: "sigstore",
    sub: "repo:acme@1/shop@1:ref:refs/tags/v1.0.0",
    repository: "acme/shop",
    ref_type: "tag",
    run_id: "7",
    run_attempt: "2",
    job_workflow_ref: "acme/shop/.github/workflows/release.yml@refs/tags/v1.0.0",
  });
  expect(Number(claims["exp"]) - Number(claims["iat"])).toBe(300);
});

test.each([
  [{ environment: "production" }, "repo:acme@1/shop@1:environment:production"],
  [{ event: "pull_request", ref: "refs/pull/5/merge" }, "repo:acme@1/shop@1:pull_request"],
] as const)("the subject of %o is %s", async (job, subject) => {
  expect(await claimsOf(job)).toMatchObject({ sub: subject, aud: expect.stringMatching(/\/acme$/) });
});

test("there is no token without id-token: write, nor for a pull request from a fork", async () => {
  for (const job of [{ permissions: {} }, { isFork: true, event: "pull_request" }] as const) {
    const env = await github.env({ permissions: { "id-token": "write" }, ...job });
    expect([env["ACTIONS_ID_TOKEN_REQUEST_URL"], env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]]).toEqual([
      undefined,
      undefined,
    ]);
  }
  expect((await fetch(`${github.url}/oidc/token?api-version=2.0`)).status).toBe(401);
});
