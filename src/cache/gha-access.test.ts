import { expect, test } from "vitest";
import { readGhaAccess } from "./gha-access.ts";

function tokenWith(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
}

function token(...permissions: number[]): string {
  return tokenWith({
    ac: JSON.stringify(permissions.map((Permission, at) => ({ Scope: `refs/heads/b${at}`, Permission }))),
  });
}

test.each<[what: string, env: Record<string, string>, expected: string]>([
  ["no service", { ACTIONS_RUNTIME_TOKEN: token(3) }, "- ACTIONS_RESULTS_URL and ACTIONS_RUNTIME_TOKEN are not set"],
  ["no token", { ACTIONS_RUNTIME_TOKEN: "" }, "- ACTIONS_RESULTS_URL and ACTIONS_RUNTIME_TOKEN are not set"],
  ["a push to trunk", { ACTIONS_RUNTIME_TOKEN: token(3) }, "rw"],
  ["a pull request", { ACTIONS_RUNTIME_TOKEN: token(3, 1, 1) }, "rw"],
  ["an event that anybody can cause", { ACTIONS_RUNTIME_TOKEN: token(1) }, "r the job's token may only read caches"],
  ["a token without scopes", { ACTIONS_RUNTIME_TOKEN: token() }, "- the job's token reads and writes no cache"],
  ["a token that may only write", { ACTIONS_RUNTIME_TOKEN: token(2) }, "w the job's token may only write caches"],
  ["cache-mode: read", { ACTIONS_CACHE_MODE: "read" }, "r the workflow says cache-mode: read"],
  ["cache-mode: write", { ACTIONS_CACHE_MODE: "write" }, "rw"],
  ["cache-mode: write-only", { ACTIONS_CACHE_MODE: "write-only" }, "w the workflow says cache-mode: write-only"],
  ["cache-mode: none", { ACTIONS_CACHE_MODE: "none" }, "- the workflow says cache-mode: none"],
  ["a mode that is not known", { ACTIONS_CACHE_MODE: "later" }, "rw"],
  [
    "cache-mode: write-only and a token that may only read",
    { ACTIONS_CACHE_MODE: "write-only", ACTIONS_RUNTIME_TOKEN: token(1) },
    "- the job's token reads and writes no cache",
  ],
  ["a token without the claim", { ACTIONS_RUNTIME_TOKEN: tokenWith({ scp: "Actions.Results:1:2" }) }, "rw"],
  ["a token that is none", { ACTIONS_RUNTIME_TOKEN: "x" }, "rw"],
])("what %s may do with GitHub's cache", (what, env, expected) => {
  const url = what === "no service" ? {} : { ACTIONS_RESULTS_URL: "https://results.test/" };
  const { reads, writes, because } = readGhaAccess({ ...url, ACTIONS_RUNTIME_TOKEN: token(3), ...env });
  const may = `${reads ? "r" : ""}${writes ? "w" : ""}` || "-";
  expect(because === undefined ? may : `${may} ${because}`).toBe(expected);
});
