import { expect, test } from "vitest";
import { defaultParallel } from "./parallel.ts";

const gigabyte = 1024 ** 3;

test.each([
  ["two cores and little memory", 2, 2, 2],
  ["a hosted runner", 4, 16, 8],
  ["a small machine with memory", 2, 23, 4],
  ["memory that is less than a gigabyte", 1, 0.5, 2],
  ["a large machine", 64, 256, 32],
])("the number of solves at once for %s", (_name, cores, gigabytes, expected) => {
  expect(defaultParallel({ cores, memoryBytes: gigabytes * gigabyte })).toBe(expected);
});
