import { expect, test } from "vitest";
import { addAll, addAllTo, addTo, largest } from "./lists.ts";

const many = Array.from({ length: 500_000 }, (_, index) => index);

test("lists of half a million are appended and compared", () => {
  const list = [-1];
  addAll(list, many);
  expect(list.length).toBe(500_001);
  expect(largest(many)).toBe(499_999);
});

test("the largest of no number, and of smaller ones, is the least", () => {
  expect([largest([]), largest([1, 2], 7)]).toEqual([0, 7]);
});

test("values of one key are one list, in their order", () => {
  const lists = new Map([["a", [1]]]);
  addTo(lists, "b", 2);
  addTo(lists, "a", 3);
  addAllTo(lists, "b", [4, 5]);
  expect([...lists]).toEqual([
    ["a", [1, 3]],
    ["b", [2, 4, 5]],
  ]);
});
