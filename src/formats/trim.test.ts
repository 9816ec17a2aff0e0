import { expect, it } from "vitest";
import { before, trimEndOf, trimOf } from "./trim.ts";

it.each([
  ["/a//", "/", "/a", "a"],
  ["a", "/", "a", "a"],
  ["///", "/", "", ""],
  ["", "/", "", ""],
  [".-a_b-.", "._-", ".-a_b", "a_b"],
])("%j without %j at its end is %j, and at both ends %j", (text, characters, end, both) => {
  expect([trimEndOf(text, characters), trimOf(text, characters)]).toEqual([end, both]);
});

it("a text before a character is all of it where there is none", () => {
  expect([before("a@b@c", "@"), before("a", "@")]).toEqual(["a", "a"]);
});
