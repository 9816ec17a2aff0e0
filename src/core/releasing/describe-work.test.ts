import { describe, expect, test } from "vitest";
import { makePlatform } from "../../model/platform.ts";
import { digestOf } from "../../model/digest.ts";
import type { PublishedImage } from "../../model/published-image.ts";
import { imageName } from "../../testing/image-name.ts";
import type { PlatformResult } from "../building/build-platform.ts";
import { describeWork } from "./describe-work.ts";

const amd64 = makePlatform({ os: "linux", architecture: "amd64" });

function reused(buildSeconds: number | null): PlatformResult {
  const digest = digestOf("a");
  const published: PublishedImage = {
    kind: "published",
    name: imageName("a.test/b"),
    platform: amd64,
    fingerprint: digest,
    digest,
    builtAt: "2026-01-01T00:00:00.000Z",
    commit: "c",
    children: [],
    buildSeconds,
    size: 1,
  };
  return { platform: amd64, fingerprint: digest, published, local: undefined, solve: undefined, kept: false };
}

function built(seconds: number, cachedVertices: number, ranVertices: number): PlatformResult {
  return { ...reused(1), solve: { seconds, cachedVertices, ranVertices, cachedBytes: 0 } };
}

describe("the work of a release for a service", () => {
  test.each([
    ["one build", [built(10, 3, 1)], { builderSeconds: 10, savedSeconds: null, vertices: { all: 4, cached: 3 } }],
    [
      "builds of two platforms, summed",
      [built(10.04, 3, 1), built(20, 0, 4)],
      { builderSeconds: 30, vertices: { all: 8, cached: 3 } },
    ],
    ["a build whose instructions were not counted", [built(10, 0, 0)], { builderSeconds: 10, vertices: null }],
    ["reuse", [reused(12), reused(30)], { builderSeconds: null, savedSeconds: 42, vertices: null }],
    ["reuse of an image that was never measured", [reused(12), reused(null)], { savedSeconds: null }],
    ["one platform built and one reused", [built(5, 1, 1), reused(7)], { builderSeconds: 5, savedSeconds: 7 }],
    ["nothing", [], { builderSeconds: null, savedSeconds: null, vertices: null }],
  ])("is known of %s", (_, platforms, work) => {
    expect(describeWork({ reason: undefined, platforms })).toMatchObject({ reason: null, ...work });
  });

  test("names at most 20 causes, files last, and cuts long texts", () => {
    const files = Array.from(
      { length: 30 },
      (_, index) => ({ what: "file", name: `f${index}`, change: "changed" }) as const,
    );
    const arg = { what: "arg", name: "x".repeat(1000), change: "added" } as const;
    const { reason } = describeWork({ reason: { kind: "inputs-changed", changes: [...files, arg] }, platforms: [] });
    expect(reason?.causes).toHaveLength(20);
    expect(reason?.causes[0]).toEqual({ what: "arg", name: `${"x".repeat(300)}…` });
    expect(reason?.text.length).toBeLessThanOrEqual(301);
    expect(describeWork({ reason: { kind: "base-moved", bases: ["node:24"] }, platforms: [] }).reason).toEqual({
      kind: "base-moved",
      text: "base image moved: node:24",
      causes: [{ what: "base", name: "node:24" }],
    });
  });
});
