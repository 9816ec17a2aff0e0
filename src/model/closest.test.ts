import { expect, it } from "vitest";
import { closestName, didYouMean } from "./closest.ts";

it.each([
  ["bulid", ["build", "release"], "build"],
  ["BUILD", ["build"], "build"],
  ["release", ["build"], undefined],
  ["x", [], undefined],
])("%j is nearest to %j: %j", (typed, known, expected) => {
  expect(closestName(typed, known)).toBe(expected);
});

it("is suggested at the end of a message", () => {
  expect(didYouMean("bulid", ["build"])).toBe(', did you mean "build"?');
  expect(didYouMean("bulid", [])).toBe("");
});

it("is looked for among so many names of such a length that it takes no time", () => {
  expect(closestName("a".repeat(201), ["a".repeat(200)])).toBeUndefined();
  expect(closestName("a", ["a".repeat(201), "a"])).toBe("a");
  const names = Array.from({ length: 1001 }, (_, index) => `service-${index}`);
  expect(closestName("service-1000", [...names.slice(0, 1000), "service-1000"])).not.toBe("service-1000");
});
