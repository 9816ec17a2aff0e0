import { expect, test } from "vitest";
import { isOwnComment } from "./comments.ts";

const marked = "<!-- slipway:preview -->\nimages";

test.each([
  ["a bot's with the marker", { body: marked, user: { type: "Bot" }, author_association: "NONE" }, true],
  ["a member's with the marker", { body: marked, user: { type: "User" }, author_association: "MEMBER" }, true],
  ["a stranger's with the marker", { body: marked, user: { type: "User" }, author_association: "CONTRIBUTOR" }, false],
  ["one whose author is gone", { body: marked, user: null, author_association: "NONE" }, false],
  ["a bot's that quotes it", { body: `> ${marked}`, user: { type: "Bot" }, author_association: "NONE" }, false],
  ["a bot's without text", { user: { type: "Bot" } }, false],
] as const)("of %s it is told whether it is Slipway's own", (_which, comment, isOwn) => {
  expect(isOwnComment(comment, { marker: "slipway:preview" })).toBe(isOwn);
});
