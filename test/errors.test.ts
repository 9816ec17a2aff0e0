import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { errorKinds } from "../src/model/error-kind.ts";

const source = resolve(import.meta.dirname, "../src");

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.split("/").includes("testing"))
  .map((path) => ({ path, text: readFileSync(join(source, path), "utf8") }));

/** Ways to tell errors of Slipway's apart by anything but their kind. */
const otherWays: readonly [what: string, pattern: RegExp][] = [
  [
    "a code",
    /\b(?:error|fault|thrown|caught)\.code [!=]== "(?:usage|configuration|repository|refused|credentials|unavailable|failed|interrupted)"/,
  ],
  ["two codes", /\b(?:error|fault)\.code [!=]== \w+\.(?:error\.)?code\b/],
  ["an exit code", /\bexitCodeOf\([^)]*\) [!=]==/],
  [
    "words of a message",
    /\b(?:error|fault|thrown|caught)\.(?:message|hint\??)\.(?:includes|match|startsWith|endsWith)\(/,
  ],
];

describe("errors of src", () => {
  test("are made with a kind of the table", () => {
    const made = files.flatMap(({ path, text }) =>
      [...text.matchAll(/new SlipwayError\(\s*"([^"]*)"/g)].map(([, kind = ""]) => ({ path, kind })),
    );
    expect(made.length).toBeGreaterThan(100);
    expect(made.filter(({ kind }) => !(kind in errorKinds))).toEqual([]);
  });

  test("of every kind are made somewhere", () => {
    const all = files
      .filter(({ path }) => path !== "model/error-kind.ts")
      .map(({ text }) => text)
      .join("\n");
    expect(Object.keys(errorKinds).filter((kind) => !all.includes(`"${kind}"`))).toEqual([]);
  });

  test.each(otherWays)("are told apart by their kind, and not by %s", (_, pattern) => {
    // Commander's errors have codes and words alone.
    const own = new Set(["errors.ts", "cli/usage.ts"]);
    expect(files.filter(({ path, text }) => !own.has(path) && pattern.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test.each([
    'if (!(error instanceof SlipwayError) || error.code !== "unavailable") throw error;',
    "each.error.code === error.code",
    "if (exitCodeOf(error) !== 2) throw error;",
    'if (!fault.message.includes("target_commitish")) throw fault;',
    'return error.hint?.includes("docker login") === true;',
  ])("would be found in %s", (text) => {
    expect(otherWays.filter(([, pattern]) => pattern.test(text))).toHaveLength(1);
  });
});

test.each(Object.entries(errorKinds))("the kind %s has a name and words that the reference can show", (kind, facts) => {
  expect(kind).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
  expect(facts.means).toMatch(/^\S.*[^.\s]$/);
  // What a person does about a kind of its own is known; of any other error of a code it is not.
  if (facts.remedy !== null) expect(facts.remedy).toMatch(/^\S.*[^.\s]$/);
});
