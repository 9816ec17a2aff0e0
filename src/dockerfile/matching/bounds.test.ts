import { describe, expect, it } from "vitest";
import { SlipwayError } from "../../errors.ts";
import { Steps } from "../../model/steps.ts";
import { expandWord } from "../stages/expand.ts";
import { makeIgnoreMatcher, parseIgnoreFile } from "./ignore.ts";
import { compileGoMatch } from "./go-match.ts";
import { compileGoRegexp } from "./go-regexp.ts";

type Work = (steps: Steps, size: number) => void;

function stepsOf(work: Work, size: number): number {
  const steps = new Steps(Number.POSITIVE_INFINITY);
  work(steps, size);
  return steps.taken;
}

function ignore(text: (size: number) => string, path: (size: number) => string): Work {
  return (steps, size) => void makeIgnoreMatcher(parseIgnoreFile(text(size)), steps)(path(size));
}

function match(pattern: (size: number) => string, path: (size: number) => string): Work {
  return (steps, size) => void compileGoMatch(pattern(size))?.(path(size), steps);
}

function expand(word: (size: number) => string, value: (size: number) => string): Work {
  return (steps, size) => void expandWord(word(size), () => value(size), "\\", steps);
}

const many = (size: number): string => "a".repeat(size);
const constant = (text: string) => (): string => text;

describe("matching", () => {
  it.each<[string, Work]>([
    [".dockerignore: stars", ignore(constant("d/*a*a*a*a*b*"), (size) => `d/${many(size)}`)],
    [".dockerignore: folders", ignore(constant("**/**/**/**/b"), (size) => "a/".repeat(size))],
    [".dockerignore: a count", ignore(constant("*a{0,9}a{0,9}a{0,9}b*"), many)],
    [".dockerignore: alternatives", ignore(constant("*a|*a*a|*a*a*b"), many)],
    [".dockerignore: classes", ignore(constant("*[a-z]*[^b]*[[:alpha:]]*b"), many)],
    [".dockerignore: an exception", ignore(constant("*\n!*a*a*a*a*b*"), many)],
    [".dockerignore: a long pattern", ignore((size) => `${"*a".repeat(size)}*b*`, constant("aaaaaaaa"))],
    ["COPY: stars", match(constant("*a*a*a*a*b*"), many)],
    ["COPY: a long star", match(constant("*aaaaaaab"), many)],
    ["COPY: a long pattern", match((size) => `${"*a".repeat(size)}*b`, constant("aaaaaaaa"))],
    ["${X%%}", expand(constant("${X%%*a*a*b}"), many)],
    ["${X%}", expand(constant("${X%*a*a*b}"), many)],
    ["${X##}", expand(constant("${X##*a*a*b}"), many)],
    ["${X/}", expand(constant("${X/*a*a*b/-}"), many)],
    ["${X//} that matches everywhere", expand(constant("${X//?/-}"), many)],
    ["${X//} that matches nowhere", expand(constant("${X//a*b/-}"), many)],
    ["a long word", expand((size) => "$X\"b\"'c'".repeat(size), constant("a"))],
  ])("%s: twice the input takes twice the steps", (_, work) => {
    const growth = stepsOf(work, 400) / stepsOf(work, 200);
    expect(growth).toBeLessThan(2.1);
  });

  it("counts a step at least for every character of the longer text", () => {
    expect(
      stepsOf(
        ignore(constant("d/*a*a*a*a*b*"), (size) => `d/${many(size)}b`),
        200,
      ),
    ).toBeGreaterThan(200);
    expect(stepsOf(match(constant("*a*b"), many), 200)).toBeGreaterThan(200);
  });

  it("refuses a pattern that its counts make too long", () => {
    expect(compileGoRegexp("^(.*/)?a{1000}$")).toBeDefined();
    expect(compileGoRegexp(`^${"a{1000}".repeat(101)}$`)).toBeUndefined();
  });

  it("ends at its limit, with the file and the line of the pattern", () => {
    const isExcluded = makeIgnoreMatcher(parseIgnoreFile("x\n*a*a*b*", "api/.dockerignore"), new Steps(100));
    expect(() => isExcluded(many(200))).toThrow(SlipwayError);
    expect(() => isExcluded(many(200))).toThrow(
      'api/.dockerignore:2:1: to match the patterns up to "*a*a*b*" takes more than 100 steps: use fewer and simpler ones',
    );
  });
});
