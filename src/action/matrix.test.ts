import { expect, test } from "vitest";
import { parsePlatform, type Platform } from "../model/platform.ts";
import { actionInputs } from "../workflow/action-contract.ts";
import type { RunnerMap } from "./inputs.ts";
import { machineOf, makeMatrixOutputs } from "./matrix.ts";

const [amd64, arm64, arm] = ["linux/amd64", "linux/arm64", "linux/arm/v7"].map(
  (text) => parsePlatform(text) as Platform,
);
const hosted = JSON.parse(actionInputs.runners.fallback) as RunnerMap;

test("each matrix job has its own output, and an empty one is a list without entries", () => {
  const entries = [
    { service: "api", platform: amd64 as Platform },
    { service: "api", platform: arm64 as Platform },
  ];
  const runners = { "linux/amd64": "fast", "linux/arm64": ["self-hosted", "ARM64"] };
  expect(makeMatrixOutputs([entries, []], runners)).toEqual({
    matrix:
      '[{"service":"api","platform":"linux/amd64","runner":"fast"},{"service":"api","platform":"linux/arm64","runner":["self-hosted","ARM64"]}]',
    "matrix-2": "[]",
  });
});

test.each([
  ["GitHub's runner for amd64", amd64, hosted, "linux/amd64"],
  ["GitHub's runner for arm64", arm64, hosted, "linux/arm64"],
  ["a platform that is emulated", arm, hosted, "linux/amd64"],
  ["labels of one's own", arm64, { "linux/arm64": ["self-hosted", "linux", "ARM64"] }, "linux/arm64"],
  ["a label that only sounds like it", amd64, { "linux/amd64": "farm-charmer" }, "linux/amd64"],
] as const)("the machine that builds is told by its labels: %s", (_, platform, runners, machine) => {
  expect(machineOf(platform as Platform, runners)).toBe(machine);
});
