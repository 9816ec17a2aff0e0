import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parsePlatform, type Platform } from "../model/platform.ts";
import {
  buildTag,
  cacheScope,
  cacheTag,
  parseBuildTag,
  parseCacheKey,
  parseCacheScope,
  parseCacheTag,
} from "./names.ts";

const platforms = ["linux/amd64", "linux/arm64", "linux/arm/v6", "linux/arm/v7", "windows/amd64"].flatMap(
  (text) => parsePlatform(text) ?? [],
);
const services = ["api", "a-linux", "linux", "api-linux-amd64", "shared", "x--y"];

test("what a scope and a tag are for is read back from their names", () => {
  fc.assert(
    fc.property(fc.constantFrom(...services), fc.constantFrom<Platform>(...platforms), (service, platform) => {
      const owner = { service, platform };
      expect(parseCacheScope(cacheScope(owner))).toEqual(owner);
      expect(parseCacheTag(cacheTag(service, platform))).toEqual(owner);
      expect(parseBuildTag(buildTag("0a1b2c3d", service, platform))).toEqual(owner);
      const shared = { service: null, platform };
      expect(parseCacheScope(cacheScope(shared))).toEqual(shared);
    }),
  );
});

test.each(["buildkit", "slipway-api", "slipway-api-plan9-amd64", "slipway-linux-amd64", "other-api-linux-amd64"])(
  "%s is no scope of Slipway's",
  (scope) => expect(parseCacheScope(scope)).toBeUndefined(),
);

test.each(["latest", "cache-api", "cache", "build-api-linux-amd64", "build-0a1b2c3-api-linux-amd64", "fp-0123"])(
  "the tag %s is neither a cache nor a run's build",
  (tag) => expect([parseCacheTag(tag), parseBuildTag(tag)]).toEqual([undefined, undefined]),
);

test.each([
  [
    "index-slipway-api-linux-amd64-1-0a1b2c3d#12",
    { kind: "index", scope: "slipway-api-linux-amd64", series: "index-slipway-api-linux-amd64-1-0a1b2c3d", number: 12 },
  ],
  ["index-buildkit-1-0a1b2c3d#1", { kind: "index", scope: "buildkit", series: "index-buildkit-1-0a1b2c3d", number: 1 }],
  [`buildkit-blob-1-sha256:${"a".repeat(64)}`, { kind: "layer" }],
  ["node-modules-Linux-0a1b2c3d", { kind: "other" }],
  ["buildkit-blob-1-sha256:short", { kind: "other" }],
])("the key %s is read", (key, expected) => expect(parseCacheKey(key)).toEqual(expected));
