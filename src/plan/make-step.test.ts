import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { algorithmSetting, type InputChange } from "../model/inputs.ts";
import type { Reason } from "../model/plan.ts";
import { makePlatform, type Platform } from "../model/platform.ts";
import { parseImageName } from "../model/reference.ts";
import { makeStep, type PlatformFacts } from "./make-step.ts";

const amd = makePlatform({ os: "linux", architecture: "amd64" });
const arm = makePlatform({ os: "linux", architecture: "arm64" });
const riscv = makePlatform({ os: "linux", architecture: "riscv64" });
const now = "2026-01-01T00:00:00.000Z";
const name = parseImageName("reg.test/shop/api");
const file: InputChange = { what: "file", name: "a", change: "changed" };
const anew: InputChange = { what: "setting", name: algorithmSetting, change: "changed" };

function facts(platform: Platform, found: "published" | "missing", changes?: readonly InputChange[]): PlatformFacts {
  const fingerprint = digestOf(platform);
  if (name === undefined) throw new Error("the name is none");
  const image = { platform, fingerprint, digest: digestOf("image"), builtAt: now, commit: "c0ffee" };
  return {
    platform,
    fingerprint,
    waitsFor: [],
    volatile: null,
    found:
      found === "missing"
        ? { kind: "missing" }
        : { kind: "published", image, name, children: [], buildSeconds: null, size: 0 },
    changes,
  };
}

test.each<[string, readonly PlatformFacts[], Reason]>([
  ["all are there", [facts(amd, "published"), facts(arm, "published")], { kind: "unchanged" }],
  ["none is there", [facts(amd, "missing"), facts(arm, "missing")], { kind: "no-image" }],
  [
    "one was added",
    [facts(amd, "published"), facts(arm, "missing"), facts(riscv, "published")],
    { kind: "platform-missing", platforms: [arm] },
  ],
  [
    "two were added",
    [facts(arm, "missing"), facts(amd, "published"), facts(riscv, "missing")],
    { kind: "platform-missing", platforms: [arm, riscv] },
  ],
  [
    "one's image is gone",
    [facts(amd, "missing", []), facts(arm, "published")],
    { kind: "platform-missing", platforms: [amd] },
  ],
  [
    "one was added, and something changed",
    [facts(arm, "missing"), facts(amd, "missing", [file])],
    { kind: "inputs-changed", changes: [file] },
  ],
  [
    "one was added, and inputs are counted anew",
    [facts(amd, "missing", [anew]), facts(arm, "missing")],
    { kind: "platform-missing", platforms: [arm] },
  ],
  ["inputs are counted anew", [facts(amd, "missing", [anew]), facts(arm, "missing", [anew])], { kind: "counted-anew" }],
])("why a service of several platforms is built or reused: %s", (_, platforms, reason) => {
  const step = makeStep({ service: "api", forced: false, refreshSeconds: undefined, platforms, uncounted: [] }, now);
  expect(step.reason).toEqual(reason);
  expect(step.kind).toBe(reason.kind === "unchanged" ? "reuse" : "build");
});
