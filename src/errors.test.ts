import { expect, test } from "vitest";
import { type EndedService, exitCodeOfServices } from "./errors.ts";

const failed = (code: EndedService["code"]): EndedService => ({ outcome: "failed", code });
const built: EndedService = { outcome: "built", code: null };
const cancelled: EndedService = { outcome: "cancelled", code: null };

test.each<[string, readonly EndedService[], number]>([
  ["nothing at all", [], 0],
  ["all are there", [built, { outcome: "reused", code: null }], 0],
  ["one did not build", [built, failed("failed")], 1],
  ["a registry refused, and what needs that service was cancelled", [failed("credentials"), cancelled], 4],
  ["a registry was away for all", [failed("unavailable"), failed("unavailable")], 5],
  ["one was refused, one was away", [failed("unavailable"), failed("credentials")], 4],
  ["one was refused, one did not build", [failed("failed"), failed("credentials")], 1],
  ["one could not be configured", [failed("configuration"), failed("usage")], 2],
  ["only cancelled: its cause is in another job", [cancelled], 1],
])("the exit code says what kind of failure it was: %s", (_, services, exitCode) => {
  expect(exitCodeOfServices(services)).toBe(exitCode);
});
