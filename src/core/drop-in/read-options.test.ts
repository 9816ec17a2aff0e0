import { expect, test } from "vitest";
import { readDropInOptions, type WrittenOptions } from "./read-options.ts";
import { defaultDropInOptions, type DropInOptions } from "./request.ts";

const read = (written: WrittenOptions, env: Record<string, string> = {}): DropInOptions =>
  readDropInOptions(written, env, (name) => `--${name}`);

test.each<[WrittenOptions, Partial<DropInOptions>]>([
  [{}, {}],
  [{ reuse: "", refresh: " " }, {}],
  [{ reuse: "Report" }, { reuse: "report" }],
  // As a reader of YAML hands `off` over.
  [{ reuse: "false" }, { reuse: "off" }],
  [{ fingerprints: "off" }, { fingerprints: "off" }],
  [{ refresh: "12h" }, { refresh: 43_200_000 }],
  [{ refresh: "never" }, { refresh: Number.MAX_SAFE_INTEGER }],
  [{ bases: "hold" }, { bases: "hold" }],
  [{ stamp: "GIT_SHA, BUILT\nBY" }, { stamp: ["GIT_SHA", "BUILT", "BY"] }],
  [{ "protect-tags": "TRUE" }, { protectTags: true }],
])("%j", (written, expected) => expect(read(written)).toEqual({ ...defaultDropInOptions, ...expected }));

test("fingerprints may be kept under a name of their own", () =>
  expect(read({ fingerprints: "ghcr.io/acme/fingerprints" }).fingerprints).toBe("ghcr.io/acme/fingerprints"));

test("the variable goes before what is written", () => {
  expect(read({ reuse: "on" }, { SLIPWAY_REUSE: "off" }).reuse).toBe("off");
  expect(read({ reuse: "report" }, { SLIPWAY_REUSE: "" }).reuse).toBe("report");
});

test.each<[WrittenOptions, string]>([
  [{ reuse: "repport" }, '--reuse: "repport" is not known, did you mean "report"?'],
  [{ fingerprints: "Not/A/Name!" }, '--fingerprints: "Not/A/Name!" is no image name'],
  [{ refresh: "soon" }, '--refresh: "soon" is no duration'],
  [{ bases: "keep" }, '--bases: "keep" is not known'],
  [{ "protect-tags": "perhaps" }, '--protect-tags: "perhaps" is not known'],
])("%j is refused", (written, message) => expect(() => read(written)).toThrow(message));

test("a variable that is wrong is named", () =>
  expect(() => read({}, { SLIPWAY_REUSE: "maybe" })).toThrow("the variable SLIPWAY_REUSE"));
