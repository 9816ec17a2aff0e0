import { expect, test } from "vitest";
import { readGoBoolean } from "./go-boolean.ts";

test.each([
  [["1", "t", "T", "TRUE", "true", "True"], true],
  [["0", "f", "F", "FALSE", "false", "False"], false],
  [["yes", "no", "on", "tRue", "tRUE", "", "2", "truex"], undefined],
])("of Go, %j are %s", (texts, value) => {
  expect(texts.map(readGoBoolean)).toEqual(texts.map(() => value));
});
