import type { YamlValue } from "../formats/yaml-data.ts";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { renderYaml, scalar } from "./yaml-value.ts";

test.each([
  ["ubuntu-24.04", "ubuntu-24.04"],
  ["${{ github.ref }}", "${{ github.ref }}"],
  ["on", '"on"'],
  ["1.10", '"1.10"'],
  ["0o14", '"0o14"'],
  ["--- x", '"--- x"'],
  ["a: b", '"a: b"'],
  ['it\'s "so"', 'it\'s "so"'],
  ['"so" it\'s', '"\\"so\\" it\'s"'],
  ['{"linux/amd64":"ubuntu"}', `'{"linux/amd64":"ubuntu"}'`],
  ["", '""'],
])("%j is written as %s", (value, written) => {
  expect(scalar(value)).toBe(written);
});

test("what is in a list of one line is quoted where the list's own signs are in it", () => {
  expect(["v1", "v[0-9]+", "a,b"].map((each) => scalar(each, true))).toEqual(["v1", '"v[0-9]+"', '"a,b"']);
});

test("a value reads back as what it was, in YAML 1.2 and 1.1", () => {
  const word = fc.constantFrom(
    "on",
    "yes",
    "~",
    "0x1",
    "1:30",
    "=",
    " #",
    ": ",
    "- ",
    "|",
    "'",
    '"',
    "\n",
    "\t",
    "é",
    "{",
    "]",
    ",",
    "a",
  );
  // A lone dot is written as it is, which this package alone reads as a number of YAML 1.1.
  const text = fc
    .oneof(
      fc.string(),
      fc.array(word, { maxLength: 6 }).map((words) => words.join("")),
    )
    .filter((each) => each !== ".");
  const key = text.filter((each) => !each.includes("\n") && each !== "<<" && each !== "__proto__");
  const flat: fc.Arbitrary<YamlValue> = fc.oneof(text, fc.boolean(), fc.integer());
  const value = fc.oneof(flat, fc.array(flat, { maxLength: 4 }), fc.dictionary(key, flat, { minKeys: 1, maxKeys: 3 }));
  fc.assert(
    fc.property(fc.dictionary(key, value, { minKeys: 1, maxKeys: 4 }), (map) => {
      const lines = renderYaml(map, 0).join("\n");
      expect(parse(`${lines}\n`)).toEqual(map);
      expect(parse(`${lines}\n`, { version: "1.1", merge: false })).toEqual(map);
    }),
    { numRuns: Number(process.env["SLIPWAY_CASES"] ?? 60) },
  );
});
