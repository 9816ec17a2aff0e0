import * as fc from "fast-check";
import { expect, test } from "vitest";
import { printable } from "./plain-text.ts";

test.each([
  ["src/main.ts", "src/main.ts"],
  ["größe 尺寸 👩‍🚀", "größe 尺寸 👩‍🚀"],
  ["two\nlines\tand\r", "two\\nlines\\tand\\r"],
  ["\u001b[2J\u0007\u0085", "\\x1b[2J\\x07\\x85"],
  ["evil\u202etxt.exe", "evil\\u202etxt.exe"],
])("%j is printed as %s", (text, shown) => expect(printable(text)).toBe(shown));

test("printable text has one line and no control characters, whatever it is made of", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }),
  );
});
