import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const source = resolve(import.meta.dirname, "../src");

// Each element becomes an argument of the call, and some hundred thousand overflow the stack. `src/model/lists.ts` takes lists of any length.
const spread =
  /(?:\.(?:push|unshift|concat)|Math\.(?:max|min)|\.from(?:CharCode|CodePoint))\((?:[^(){}[\]]*,)?\s*\.\.\.[^;]*;/g;

// A list that is copied to add to it, element by element, takes the square of its length.
const copied = /(\w+)\.set\([^;]*\[\.\.\.\(?\1\.get\([^;]*;/g;

test("no list of a map is copied to add to it", () => {
  // The lines that are kept of an instruction are a few.
  expect(callsLike(copied)).toEqual([expect.stringMatching(/^buildkit\/progress\.ts: kept\.set.*slice\(-keptLines/)]);
});

test("no list is spread into the arguments of a call that takes any number", () => {
  expect(callsLike(spread)).toEqual([]);
});

function callsLike(pattern: RegExp): string[] {
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("testing/"))
    .flatMap((file) =>
      [...readFileSync(join(source, file), "utf8").matchAll(pattern)].map(([call]) => `${file}: ${call.slice(0, 120)}`),
    );
}
