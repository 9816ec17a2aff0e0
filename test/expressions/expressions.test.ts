import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { findAttack } from "./attacks.ts";
import { Backtracker } from "./backtracking.ts";
import { findRegularExpressions } from "./find-expressions.ts";
import { findMadeExpressions } from "./made-expressions.ts";
import { type Expression, parsePattern } from "./pattern.ts";

const source = resolve(import.meta.dirname, "../../src");

interface Found {
  readonly file: string;
  readonly expression: Expression;
}

const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
  (path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.split("/").includes("testing"),
);
const found = files.flatMap((file): Found[] => {
  const text = readFileSync(join(source, file), "utf8");
  return [...findRegularExpressions(text), ...findMadeExpressions(text)].map((expression) => ({ file, expression }));
});

/** Expressions that an attack on them alone shows slow, and what keeps them from it where they are used. */
const bounded: Readonly<Record<string, string>> = {
  // `y` says that a match begins at one place. The test tries all places, since a reader that goes on character by character does.
  "config/sources/env-file.ts [ \\t]*(?:export[ \\t]+)?([A-Za-z_][\\w.-]*)[ \\t]*[=:][ \\t]*":
    "tried once a line, at its start",
  "registry/challenge.ts \\s*(?:,\\s*)?([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?=\\s|,|$)": "where it fails, reading ends",
  'registry/challenge.ts \\s*(?:,\\s*)?([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]*))':
    "where it fails, the next scheme is read, or reading ends",
};

/** Where an expression is made of text: of a constant, of names that hold letters, digits and `_` only, or of one character. */
const madeOfText: ReadonlySet<string> = new Set([
  "buildkit/builder.ts",
  "config/sources/compose-reference.ts",
  "config/sources/go-scalar.ts",
  "config/project/image-references.ts",
  "dockerfile/matching/characters.ts",
  "model/git-address.ts",
  "registry/challenge.ts",
  "formats/semver.ts",
  "formats/terminal-text.ts",
  "workflow/adopt/step-kinds.ts",
]);

// JavaScript tries every way to match. A stranger's text must not make that many ways.
describe("regular expressions", () => {
  test("find all matches of any text in steps that grow with it, or get no long text", () => {
    const slow = found.flatMap(({ file, expression }) => {
      const attack = findAttack(expression);
      return attack === undefined ? [] : [{ at: `${file} ${expression.source}`, attack }];
    });
    expect(slow.filter(({ at }) => bounded[at] === undefined)).toEqual([]);
    expect(slow.map(({ at }) => at).sort()).toEqual(Object.keys(bounded).sort());
  });

  test("are made of text in few places, and of no stranger's", () => {
    const makers = files.filter((file) => readFileSync(join(source, file), "utf8").includes("new RegExp("));
    expect(makers.filter((file) => !madeOfText.has(file))).toEqual([]);
    expect([...madeOfText].filter((file) => !makers.includes(file))).toEqual([]);
  });
});

describe("the search for attacks", () => {
  const sourcesOf = (text: string): string[] => findRegularExpressions(text).map(({ source }) => source);

  test("finds expressions where they are written, and where they are made of text", () => {
    expect(
      sourcesOf('const a = /x\\/[/]+$/g; const b = 1 / 2 / 3; // /no/\nf("/no/", `/no/${/yes/.test(c)}`);'),
    ).toEqual(["x\\/[/]+$", "yes"]);
    const made = 'const a = "b+";\nnew RegExp(`^${a}\\\\.${c}$`, "gi"); new RegExp(String.raw`\\s(${a})`).exec(d);';
    expect(findMadeExpressions(made)).toEqual([
      { source: "^b+\\.word$", flags: "gi" },
      { source: "\\s(b+)", flags: "" },
    ]);
  });

  test.each<[string, RegExp]>([
    ["a repetition of a repetition", /^(a+)+$/],
    ["a repetition of nothing but a repetition", /(?:a*)*b/],
    ["comments behind each other", /(?:\n(?:#.*|\s*))+$/],
    ["alternatives that take the same", /^(?:a|b|[a-z])*$/],
    ["alternatives that repeat", /^(?:a*|b)*c/],
    ["digits with and without a sign before them", /-rc(?:[.-]?\d+)*(?!\w)/],
    ["runs behind each other", /^\s*,?\s*a/],
    ["runs that are not beside each other", /^.*,.*,.*;/],
    ["a run that is sought from each place", /\/+$/],
    ["what nothing closes", /\{\{.*?\}\}/g],
    ["words in words", /unexpected status.*: \d/i],
    ["a boundary", /\beyJ[\w-]{8,}\.eyJ/],
    ["lines", /^\s*name:/m],
    ["what comes, seen from each place", /,(?![^{]*\})/],
    ["what came, seen from each place", /(?<!\{[^}]*),/],
  ])("finds one: %s", (_, { source, flags }) => {
    const attack = findAttack({ source, flags });
    expect(attack).toBeDefined();
    const [once = 0, twice = 0, fourTimes = 0] = attack?.steps ?? [];
    expect(once).toBeLessThanOrEqual(twice);
    expect(twice).toBeLessThanOrEqual(fourTimes);
  });

  test.each<[string, RegExp]>([
    ["a run", /\s+/g],
    ["a run up to the end of any text", /-[^]*$/],
    ["a run that begins where nothing of it stands before", /(?<![0-9])[0-9]+\./],
    ["a run at the start", /^\/+$/],
    ["repetitions that something divides", /^(?:\.\d+)*$/],
    ["alternatives that differ in their first character", /^"(?:[^"\\]|\\.)*"/],
    ["what closes before it opens again", /\{\{(?:(?!\{\{)[^])*?\}\}/g],
    ["runs that something divides", /^[^:]*:[^/]*\//],
    ["a bounded run", /\b[A-Z0-9]{16}\b/],
    ["lines", /^[ \t]*name:/m],
  ])("finds none: %s", (_, { source, flags }) => {
    expect(findAttack({ source, flags })).toBeUndefined();
  });

  const texts = [
    "",
    "a",
    "registry.example:5000/acme/api:v1.2.3-rc.1@sha256:0123456789abcdef",
    " ${{ secrets.A }} ${B:-c} $(d) \"e f\" 'g' \\h\n\t# i\nj = 'k' # l\r\n",
    "https://user:password@host.example/path?query=1#part ERROR: failed to push a/b: unexpected status: 503",
    "Dockerfile.api/compose.yaml 2026-11-27T06:00:00Z feat(api)!: 0x1F {version} [1/2] FROM \u00e9\u2028",
  ];

  test("goes the way of JavaScript: it finds the same matches", () => {
    for (const { expression } of found) {
      const { source, flags } = expression;
      const backtracker = new Backtracker(parsePattern(expression));
      const native = new RegExp(source, [...new Set(`${flags.replace("y", "")}g`)].join(""));
      for (const text of texts) {
        const matches = [...text.matchAll(native)].map(({ 0: whole, index }) => [index, index + whole.length]);
        expect({ source, text, matches: backtracker.findMatches(text) }).toEqual({ source, text, matches });
      }
    }
  });
});
