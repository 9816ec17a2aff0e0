import { expect, test } from "vitest";
import type { CacheEntry } from "../model/cache-entry.ts";
import { type CacheFault, findCacheFault, isFaulty } from "./cache-fault.ts";

const registryCache: CacheEntry = {
  tier: "registry",
  attributes: { type: "registry", ref: "ghcr.io/acme/api:cache-linux-amd64" },
};
const latest: CacheEntry = { tier: "latest", attributes: { type: "registry", ref: "ghcr.io/acme/api:latest" } };
const gha: CacheEntry = { tier: "gha", attributes: { type: "gha", scope: "slipway-api-linux-amd64" } };

const copy = "failed to compute cache key: failed to copy: httpReadSeeker: failed open:";
const blob = `blobs/sha256:${"0".repeat(64)}`;

test.each<[string, string, string, CacheFault | undefined]>([
  [
    "a token it does not understand",
    "",
    "failed to configure gha cache exporter: token is malformed",
    { direction: "export", type: "gha" },
  ],
  [
    "a cache it cannot set up",
    "",
    "failed to configure registry cache importer: x",
    { direction: "import", type: "registry" },
  ],
  ["an export to gha", "exporting to GitHub Actions Cache", "x", { direction: "export", type: "gha" }],
  [
    "an export to the registry",
    "exporting cache to registry",
    "error writing layer blob",
    { direction: "export", type: "registry" },
  ],
  [
    "a layer of the registry cache",
    "",
    `${copy} unexpected status from GET request to https://ghcr.io/v2/acme/api/${blob}: 500`,
    { direction: "import", type: "registry" },
  ],
  [
    "a layer of the gha cache",
    "",
    "failed to copy: GET http://x/blob/1\n---\nRESPONSE 403: 403 Forbidden\nERROR CODE UNAVAILABLE",
    { direction: "import", type: "gha" },
  ],
  [
    "a layer that is gone",
    "",
    `${copy} could not fetch content descriptor sha256:1 (x) from remote: not found`,
    { direction: "import", type: "any" },
  ],
  [
    "a layer of a base image",
    "",
    `${copy} unexpected status from GET request to https://ghcr.io/v2/other/base/${blob}: 500`,
    undefined,
  ],
  ["a program", "[2/2] RUN x", 'process "x" did not complete successfully: exit code: 1', undefined],
  ["a push", "exporting to image", "failed to push a:b: denied: no", undefined],
])("a build that failed by %s is told apart", (_name, vertex, error, expected) => {
  const facts = {
    vertex: vertex === "" ? undefined : { name: vertex, error },
    log: [],
    plain: [`ERROR: failed to build: failed to solve: ${error}`],
    exitCode: 1,
  };
  expect(findCacheFault(facts, [gha, registryCache])).toEqual(expected);
});

test("a fault is about the caches of its type and direction", () => {
  const fault: CacheFault = { direction: "import", type: "registry" };
  expect([gha, registryCache, latest].map((entry) => isFaulty(fault, "import", entry))).toEqual([false, true, true]);
  expect([gha, registryCache, latest].map((entry) => isFaulty(fault, "export", entry))).toEqual([false, false, false]);
  expect(isFaulty({ direction: "import", type: "any" }, "import", gha)).toBe(true);
});
