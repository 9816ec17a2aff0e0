import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parsePlatform, type Platform } from "../model/platform.ts";
import { hasRoomInGha } from "./upload-limit.ts";

const [amd64, arm64] = ["linux/amd64", "linux/arm64"].flatMap((text) => parsePlatform(text) ?? []);

function builds(services: number, platforms: readonly (Platform | undefined)[]) {
  return Array.from({ length: services }, (_, at) => `service-${String(at).padStart(3, "0")}`).flatMap((service) =>
    platforms.flatMap((platform) => (platform === undefined ? [] : [{ service, platform }])),
  );
}

test.each([
  [1, 1, 1],
  [15, 1, 15],
  [16, 1, 15],
  [25, 1, 15],
  [7, 2, 14],
  [8, 2, 15],
  [100, 2, 15],
])("of %i services on %i platforms %i builds store in GitHub's cache", (services, platforms, expected) => {
  const all = builds(services, [amd64, arm64].slice(0, platforms));
  expect(all.filter((build) => hasRoomInGha(build, all))).toHaveLength(expected);
});

test("in whatever order a run's jobs see them, the same builds do", () => {
  const all = builds(30, [amd64]);
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), fc.constantFrom(...all), (seen, build) => {
      expect(hasRoomInGha(build, seen)).toBe(hasRoomInGha(build, all));
    }),
  );
});

test("a build that nobody planned stores too", () => {
  const [build] = builds(1, [amd64]);
  expect(build !== undefined && hasRoomInGha(build, [])).toBe(true);
});
