import { expect, test } from "vitest";
import { Secret } from "../model/secret.ts";
import { readGhaAccess } from "./gha-access.ts";

function tokenWith(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
}

function token(...permissions: number[]): string {
  return tokenWith({
    ac: JSON.stringify(permissions.map((Permission, at) => ({ Scope: `refs/heads/b${at}`, Permission }))),
  });
}

const service = { results: "https://results.test" };

test.each<[what: string, cacheMode: string | undefined, token: string, expected: string]>([
  ["a push to trunk", undefined, token(3), "rw"],
  ["a pull request", undefined, token(3, 1, 1), "rw"],
  ["an event that anybody can cause", undefined, token(1), "r the job's token may only read caches"],
  ["a token without scopes", undefined, token(), "- the job's token reads and writes no cache"],
  ["a token that may only write", undefined, token(2), "w the job's token may only write caches"],
  ["cache-mode: read", "read", token(3), "r the workflow says cache-mode: read"],
  ["cache-mode: write", "write", token(3), "rw"],
  ["cache-mode: write-only", "write-only", token(3), "w the workflow says cache-mode: write-only"],
  ["cache-mode: none", "none", token(3), "- the workflow says cache-mode: none"],
  ["a mode that is not known", "later", token(3), "rw"],
  [
    "cache-mode: write-only and a token that may only read",
    "write-only",
    token(1),
    "- the job's token reads and writes no cache",
  ],
  ["a token without the claim", undefined, tokenWith({ scp: "Actions.Results:1:2" }), "rw"],
  ["a token that is none", undefined, "x", "rw"],
])("what %s may do with GitHub's cache", (_, cacheMode, given, expected) => {
  const { reads, writes, because } = readGhaAccess({ ...service, cacheMode }, { runtime: new Secret(given) });
  const may = `${reads ? "r" : ""}${writes ? "w" : ""}` || "-";
  expect(because === undefined ? may : `${may} ${because}`).toBe(expected);
});

test("without the service, or without a token for it, there is no cache of GitHub's", () => {
  const because = "ACTIONS_RESULTS_URL and ACTIONS_RUNTIME_TOKEN are not set";
  const none = { reads: false, writes: false, because };
  expect(readGhaAccess({ results: undefined, cacheMode: undefined }, { runtime: new Secret(token(3)) })).toEqual(none);
  expect(readGhaAccess({ ...service, cacheMode: undefined }, { runtime: undefined })).toEqual(none);
});
