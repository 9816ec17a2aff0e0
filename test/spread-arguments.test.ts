import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const source = resolve(import.meta.dirname, "../src");

// Each element becomes an argument of the call, and some hundred thousand overflow the stack. `src/model/lists.ts` takes lists of any length.
const spread =
  /(?:\.(?:push|unshift|concat)|Math\.(?:max|min)|\.from(?:CharCode|CodePoint))\((?:[^(){}[\]]*,)?\s*\.\.\.[^;]*;/g;

test("no list is spread into the arguments of a call that takes any number", () => {
  const found = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("testing/"))
    .flatMap((file) =>
      [...readFileSync(join(source, file), "utf8").matchAll(spread)].map(([call]) => `${file}: ${call.slice(0, 80)}`),
    );
  expect(found).toEqual([]);
});
