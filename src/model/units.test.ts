import { describe, expect, test } from "vitest";
import { renderAge, renderBytes, renderCount, renderDuration } from "./units.ts";

describe("units", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [8_400, "8.4 kB"],
    [99_949, "99.9 kB"],
    [99_950, "100 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [31_400_000, "31.4 MB"],
    [1_234_567_890, "1.2 GB"],
    [5_000_000_000_000_000, "5000 TB"],
  ])("show %i bytes as %s", (bytes, text) => expect(renderBytes(bytes)).toBe(text));

  test.each([
    [0, "0.0 s"],
    [-3, "0.0 s"],
    [0.449, "0.4 s"],
    [12.34, "12.3 s"],
    [59.94, "59.9 s"],
    [59.96, "1 min 00 s"],
    [125, "2 min 05 s"],
    [3599.4, "59 min 59 s"],
    [3599.6, "1 h 00 min"],
    [3720, "1 h 02 min"],
  ])("show %d seconds as %s", (seconds, text) => expect(renderDuration(seconds)).toBe(text));

  test.each([
    [-5, "now"],
    [59, "now"],
    [60, "1 min"],
    [7200, "2 h"],
    [172_799, "47 h"],
    [172_800, "2 days"],
  ])("show an age of %i seconds as %s", (seconds, text) => expect(renderAge(seconds)).toBe(text));

  test("count in words", () => {
    expect([0, 1, 2].map((count) => renderCount(count, "image"))).toEqual(["0 images", "1 image", "2 images"]);
  });
});
