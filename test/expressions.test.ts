import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { findRegularExpressions } from "./regular-expressions.ts";

const source = resolve(import.meta.dirname, "../src");

interface Found {
  readonly file: string;
  readonly expression: string;
}

const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
  (path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.split("/").includes("testing"),
);
const found = files.flatMap((file): Found[] =>
  findRegularExpressions(readFileSync(join(source, file), "utf8")).map((expression) => ({ file, expression })),
);

/** Where an expression is made of text: of a constant, of names that hold letters, digits and `_` only, or of one character. */
const madeOfText: ReadonlySet<string> = new Set([
  "buildkit/builder.ts",
  "config/compose-reference.ts",
  "config/go-scalar.ts",
  "config/image-references.ts",
  "dockerfile/matching/characters.ts",
  "model/git-address.ts",
  "registry/challenge.ts",
  "release/semver.ts",
  "formats/terminal-text.ts",
  "workflow/adopt/keep-jobs.ts",
  "workflow/adopt/step-kinds.ts",
  "workflow/read-back.ts",
]);

// JavaScript tries every way to match. A stranger's text must not make that many ways.
describe("regular expressions", () => {
  test("that end in a run of characters begin at the start: others look through each run from each place in it", () => {
    const runs = found.filter(({ expression }) => /(?<!\\)[*+]\$$/.test(expression) && !startsAnchored(expression));
    expect(runs.filter(({ expression }) => /(?:^|\|)(?:\\?.|\[[^\]]*\])[*+]\$$/.test(expression))).toEqual([]);
  });

  test("repeat no group that holds nothing but a repetition, or alternatives that repeat", () => {
    const nested = found.filter(({ expression }) => hasNestedRepetition(expression));
    expect(nested).toEqual([]);
  });

  test("are made of text in few places, and of no stranger's", () => {
    const makers = files.filter((file) => readFileSync(join(source, file), "utf8").includes("new RegExp("));
    expect(makers.filter((file) => !madeOfText.has(file))).toEqual([]);
  });

  test("are found by their shape", () => {
    expect(
      findRegularExpressions(
        'const a = /x\\/[/]+$/g; const b = 1 / 2 / 3; // /no/\nf("/no/", `/no/${/yes/.test(c)}`);',
      ),
    ).toEqual(["x\\/[/]+$", "yes"]);
    const nested = ["(a+)+", "(?:\\n(?:#.*|\\s*))+$", "(?:a*|b)*", "([a-z]*)+"];
    const plain = ["(?:a+b)+", "(?:[^'\\\\]|\\\\.)*", "(a+)", "\\(a+\\)+", "[(a+]+", "(?:\\.\\d+)*"];
    expect([nested.filter(hasNestedRepetition), plain.filter(hasNestedRepetition)]).toEqual([nested, []]);
  });
});

function startsAnchored(expression: string): boolean {
  return expression.startsWith("^") && !expression.includes("|");
}

/** A group with `*`, `+` or `{2,}` behind it that is, or ends in, an alternative of one repeated character. */
function hasNestedRepetition(expression: string): boolean {
  const plain = expression
    .replaceAll(/\\./g, "x")
    .replaceAll(/\[[^\]]*\]/g, "x")
    .replaceAll("?:", "");
  for (const [, body = ""] of plain.matchAll(/\(((?:[^()]|\([^()]*\))*)\)(?:[*+]|\{\d+,\})/g)) {
    const last = /\(([^()]*)\)$/.exec(body)?.[1];
    const alternatives = [...body.replaceAll(/\([^()]*\)/g, "x").split("|"), ...(last?.split("|") ?? [])];
    if (alternatives.some((alternative) => /^.[*+]\??$/.test(alternative))) return true;
  }
  return false;
}
