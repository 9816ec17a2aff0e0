import fc from "fast-check";
import { describe, expect, it } from "vitest";
import observed from "../fixtures/ignore.json" with { type: "json" };
import { Steps } from "../../model/steps.ts";
import { pathBelowRoot } from "../syntax/go-text.ts";
import { makeIgnoreMatcher, parseIgnoreFile } from "./ignore.ts";

function excludedBy(text: string, paths: readonly string[]): string[] {
  return paths.filter(makeIgnoreMatcher(parseIgnoreFile(text)));
}

describe("an ignore file", () => {
  const { files } = observed;
  const rows = observed.cases.map(({ text, kept, excluded }) => {
    return [text, excluded ?? files.filter((file) => kept === undefined || !kept.includes(file))] as const;
  });
  it.each(rows)("leaves out of the context what the engine leaves out: %j", (text, excluded) => {
    expect(excludedBy(text, files)).toEqual(excluded);
  });

  it.each([
    ["!", 1],
    ["a\n!\n", 2],
    ["a\n\n# c\n[]a]x", 4],
    ["[x-]", 1],
    ["*[", 1],
    ["a\\", 1],
    [`a\n${"b".repeat(65_536)}`, 2],
  ])("that BuildKit cannot use is refused with its line: %j", (text, line) => {
    expect(() => parseIgnoreFile(text, "api/.dockerignore")).toThrow(`api/.dockerignore:${line}:1: `);
  });

  it.each([
    ["[b-a]x", 1],
    ["q\n*\\1", 2],
    ["a\n!**/[[:no:]]", 2],
  ])("is refused with its line as soon as a path is tried on a pattern that is no expression: %j", (text, line) => {
    const isExcluded = makeIgnoreMatcher(parseIgnoreFile(text, "x"));
    expect(() => isExcluded("a")).toThrow(`x:${line}:1: `);
  });

  it("may hold such a pattern where no path is tried on it", () => {
    expect(excludedBy("a\n![b-a]", ["b", "c/d"])).toEqual([]);
  });

  it("keeps out of an excluded folder what only BuildKit's expression of an exception would bring back", () => {
    expect(excludedBy("a\n!z|f/*", ["a/f/g"])).toEqual(["a/f/g"]);
    expect(excludedBy("a\n!z|f/g*", ["a/f/g"])).toEqual([]);
  });

  it("with several faults is refused with all of them", () => {
    expect(() => parseIgnoreFile("!\na\n![", "x")).toThrow(/^x:1:1: .*\nx:3:1: /);
  });

  it("takes folders for excluded as it takes files", () => {
    expect(excludedBy("*\n!d/e", ["d", "d/e", "d/f", "d/e/g"])).toEqual(["d", "d/f"]);
  });

  it("keeps what a character class of Go's expressions means", () => {
    const paths = ["1x", "ax", "-x", "]x", "_x", "\\x"];
    expect(excludedBy("[[:digit:]]x", paths)).toEqual(["1x"]);
    expect(excludedBy("q*\n*[\\w]x\n", paths)).toEqual(["1x", "ax", "_x"]);
    expect(excludedBy("?[\\]a]x", ["]]x", "]ax", "]bx"])).toEqual(["]]x", "]ax"]);
    expect(excludedBy("*\\p{L}x", paths)).toEqual(["ax"]);
    expect(excludedBy("?[x\\-]", paths)).toEqual(paths);
  });

  const segment = fc.constantFrom("a", "b", "ab", "a.b", "é", "x y", "foo", "foobar", "(a)", "a+b");
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const token = fc.constantFrom(
    "a",
    "b",
    "foo",
    "*",
    "**",
    "?",
    "/",
    "/",
    "[a-b]",
    "[^a]",
    "\\*",
    ".",
    "..",
    "é",
    "(",
    "+",
  );
  const pattern = fc
    .tuple(fc.constantFrom("", "", "!", "/"), fc.array(token, { minLength: 1, maxLength: 5 }))
    .map(([mark, tokens]) => mark + tokens.join(""));

  it("matches as the algorithm does that it was taken from", () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), fc.array(path, { maxLength: 12 }), (patterns, paths) => {
        // An exception for the root is refused.
        fc.pre(patterns.every((each) => !each.startsWith("!") || pathBelowRoot(each.slice(1)) !== "."));
        const parsed = parseIgnoreFile(patterns.join("\n"));
        const cleaned = parsed.patterns.map(({ pattern: each }) => each);
        const matcher = makeIgnoreMatcher(parsed);
        for (const each of paths) expect([each, matcher(each)]).toEqual([each, slowMatch(cleaned, each)]);
      }),
      { numRuns: 2000 },
    );
  });

  it("takes a step or two for a character of a path", () => {
    const steps = new Steps(Number.POSITIVE_INFINITY);
    const patterns = parseIgnoreFile("*\n!services\n**/node_modules\n**/*.log\n!**/keep.log\n");
    const isExcluded = makeIgnoreMatcher(patterns, steps);
    let count = 0;
    let length = 0;
    for (let index = 0; index < 2000; index++) {
      const path = `services/s${index % 50}/src/d${index % 20}/file${index}.${index % 2 === 0 ? "ts" : "log"}`;
      if (isExcluded(path)) count++;
      length += path.length;
    }
    expect(count).toBe(1000);
    expect(steps.taken / length).toBeLessThan(2);
  });
});

/** moby/patternmatcher's `MatchesUsingParentResults` down from the top, each pattern an expression, nothing remembered. */
function slowMatch(patterns: readonly string[], path: string): boolean {
  const rules = patterns.map((written) => {
    const isException = written.startsWith("!");
    return { isException, matches: slowPattern(isException ? written.slice(1) : written) };
  });
  let inherited = rules.map(() => false);
  let isExcluded = false;
  const parts = path.split("/");
  for (let length = 1; length <= parts.length; length++) {
    const current = parts.slice(0, length).join("/");
    const matched = rules.map(() => false);
    isExcluded = false;
    for (const [index, rule] of rules.entries()) {
      let isMatch = inherited[index] === true;
      if (!isMatch && rule.isException === isExcluded) isMatch = rule.matches(current);
      matched[index] = isMatch;
      if (isMatch) isExcluded = !rule.isException;
    }
    inherited = matched;
  }
  return isExcluded;
}

function slowPattern(pattern: string): (path: string) => boolean {
  if (pattern.startsWith("**") && !/[*?[\]\\]/.test(pattern.slice(2))) {
    const suffix = pattern.slice(2);
    return (path) => path.endsWith(suffix) || (suffix.startsWith("/") && path === suffix.slice(1));
  }
  const isPrefix = pattern.endsWith("**") && !/[*?[\]\\]/.test(pattern.slice(0, -2));
  if (isPrefix) return (path) => path.startsWith(pattern.slice(0, -2));
  if (!/[*?[\]\\]/.test(pattern)) return (path) => path === pattern;
  const source = pattern.replace(/\*\*\/?$|\*\*\/?|\*|\?|\\.|[.+()$]/gu, (token, at: number) => {
    if (token.startsWith("**")) return at + token.length === pattern.length ? ".*" : "(.*/)?";
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    return token.startsWith("\\") ? token : `\\${token}`;
  });
  const expression = new RegExp(`^${source}$`, "u");
  return (path) => expression.test(path);
}
