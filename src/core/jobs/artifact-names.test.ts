import { expect, test } from "vitest";
import { parsePlatform, type Platform } from "../../model/platform.ts";
import { newestArtifacts, partArtifactName, planArtifactName } from "./artifact-names.ts";

const amd64 = parsePlatform("linux/amd64") as Platform;

test("the newest attempt of the run plan and of each part counts, ten being newer than nine", () => {
  const names = [
    "slipway-plan-1",
    "slipway-build-api-linux-amd64-9",
    "slipway-build-api-linux-amd64-10",
    "slipway-build-web-linux-amd64-1",
    "coverage",
  ];
  const entries = ["api", "web", "cron"].map((service) => ({ service, platform: amd64 }));
  expect(newestArtifacts(names, entries, 10)).toEqual({
    plan: "slipway-plan-1",
    parts: ["slipway-build-api-linux-amd64-10", "slipway-build-web-linux-amd64-1"],
  });
});

test("a service whose name begins like another's has artifacts of its own", () => {
  const names = [partArtifactName({ service: "api-linux-amd64", platform: amd64 }, 2), planArtifactName(1)];
  expect(newestArtifacts(names, [{ service: "api", platform: amd64 }], 2).parts).toEqual([]);
});

test("a run whose artifacts are gone has none", () => {
  expect(newestArtifacts([], [{ service: "api", platform: amd64 }], 1)).toEqual({ plan: undefined, parts: [] });
});

test("an artifact of a later attempt than the run's own is nobody's, also where it is the only one", () => {
  const entries = [{ service: "api", platform: amd64 }];
  const names = [
    "slipway-plan-1",
    "slipway-plan-3",
    "slipway-build-api-linux-amd64-2",
    "slipway-build-api-linux-amd64-9",
  ];
  expect(newestArtifacts(names, entries, 2)).toEqual({
    plan: "slipway-plan-1",
    parts: ["slipway-build-api-linux-amd64-2"],
  });
  expect(newestArtifacts(["slipway-plan-2"], entries, 1)).toEqual({ plan: undefined, parts: [] });
});
