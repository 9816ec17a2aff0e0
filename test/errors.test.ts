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

/**
 * Files that make errors of a general kind (one named as its code), and why no kind of its own would help: neither a program nor a person
 * could act on it otherwise than on its message.
 */
const general: Readonly<Record<string, string>> = {
  "errors.ts": "an error of a library's, or one that nobody foresaw",
  "cli/usage.ts": "commander's words on a command line",
  "records/reconcile-faults.ts": "an error that nobody foresaw, while a tag was moved",
  "records/record-names.ts": "names and histories that are too long for a tag",
  "images/published.ts": "BuildKit pushed what it does not push",
  "source/tree/tree.ts": "a fault of the caller",
  "registry/upload.ts": "a source of bytes that ended early",
  "inputs/inputs.ts": "bases whose triggers do not end",
  "core/planning/observe.ts": "faults of several kinds in one error",
  "core/planning/image-layout.ts": "BuildKit wrote what it does not write",
  "core/previews/preview-command.ts": "a workflow that somebody else wrote",
  "core/workspace/trunk.ts": "paths and links that no clone of a person's has",
  "core/init/init-config.ts": "one configuration beside another: the message says what to do",
  "core/init/init-new-workflow.ts": "what would be written is not valid: the message says what to do",
  "core/init/init-in-place.ts": "one workflow beside another: the message says what to do",
};

describe("errors of src", () => {
  test("have a kind that says more than their code, unless nobody could act on it", () => {
    const pattern = /new SlipwayError\(\s*"(?:usage|configuration|repository|refused|credentials|unavailable|failed)"/;
    const found = files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
    expect(found.sort()).toEqual(Object.keys(general).sort());
  });

  test("are made with a kind of the table", () => {
    const made = files.flatMap(({ path, text }) =>
      [...text.matchAll(/new SlipwayError\(\s*"([^"]*)"/g)].map(([, kind = ""]) => ({ path, kind })),
    );
    expect(made.length).toBeGreaterThan(100);
    expect(made.filter(({ kind }) => !(kind in errorKinds))).toEqual([]);
  });

  test("of every kind are made somewhere", () => {
    const all = files
      .filter(({ path }) => !path.startsWith("model/"))
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
  // A remedy is known for a specific kind; a general one has none.
  if (facts.remedy !== null) expect(facts.remedy).toMatch(/^\S.*[^.\s]$/);
});
