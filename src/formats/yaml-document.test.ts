import { expect, test } from "vitest";
import { findYamlFault, readYamlText } from "./yaml-document.ts";

test.each<readonly [what: string, text: string, line: number, column: number, message: RegExp]>([
  ["a list that is not closed", "on:\n  - push\njobs: [a,\n", 4, 1, /flow/i],
  ["a wrong indent", "a:\n  b: 1\n c: 2\n", 3, 1, /same column/],
  ["a key that is there twice", "a: 1\nb:\n  c: 1\n  c: 2\n", 4, 3, /twice/],
  ["an alias without an anchor", "a: *b\n", 1, 4, /alias/i],
  ["a tab", "a:\n\tb: 1\n", 2, 1, /tab/i],
])("of %s the place and the reason are known", (_, text, line, column, message) => {
  expect(readYamlText(text)).toBeUndefined();
  expect(findYamlFault(text)).toEqual({ line, column, message: expect.stringMatching(message) });
});

test("of a text that is valid there is no fault", () => expect(findYamlFault("a: [1, 2]\n")).toBeUndefined());
