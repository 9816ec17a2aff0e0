import { configurationError, type Diagnostic } from "../errors.ts";
import { cleanPath, trimSpace } from "./go-text.ts";
import { compilePattern, type CompiledPattern } from "./pattern.ts";

/** The patterns of an ignore file, in order; `!` in front makes an exception. */
export interface IgnorePatterns {
  readonly patterns: readonly string[];
}

/**
 * Reads a `.dockerignore`. `file` is its name for messages.
 * @throws SlipwayError `configuration` for a pattern that BuildKit would refuse.
 */
export function parseIgnoreFile(text: string, file = ".dockerignore"): IgnorePatterns {
  const patterns: string[] = [];
  const faults: Diagnostic[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    if (line.startsWith("#")) continue;
    const pattern = normalizeLine(trimSpace(line));
    if (pattern === "") continue;
    if (makeRule(pattern) === undefined) {
      faults.push({
        file,
        line: index + 1,
        column: 1,
        message: `"${line.trim()}" is no pattern that BuildKit can use`,
      });
    }
    patterns.push(pattern);
  }
  if (faults.length > 0) throw configurationError(faults);
  return { patterns };
}

/** Patterns of `--exclude` and `--parents`, which are not the lines of a file. Undefined: BuildKit fails on one of them. */
export function makePatterns(patterns: readonly string[]): IgnorePatterns | undefined {
  const kept = patterns.filter((pattern) => trimSpace(pattern) !== "");
  return kept.some((pattern) => makeRule(pattern) === undefined) ? undefined : { patterns: kept };
}

function normalizeLine(line: string): string {
  const isException = line.startsWith("!");
  const body = isException ? trimSpace(line.slice(1)) : line;
  if (body === "") return line;
  const cleaned = cleanPath(body);
  const relative = cleaned.length > 1 && cleaned.startsWith("/") ? cleaned.slice(1) : cleaned;
  return isException ? `!${relative}` : relative;
}

/** Whether a path (relative to the context, POSIX, clean) is excluded. Folders can be asked about, too. */
export type IgnoreMatcher = (path: string) => boolean;

/**
 * Matches as BuildKit does when it walks a context: a folder that matches takes its content along, the last pattern that
 * applies decides, and an exception counts only where something was excluded before it.
 */
export function makeIgnoreMatcher({ patterns }: IgnorePatterns): IgnoreMatcher {
  const rules = patterns.map(makeRule).filter((rule) => rule !== undefined);
  if (rules.length === 0) return () => false;
  return rules.some((rule) => rule.isException) ? matchInOrder(rules) : matchAny(rules);
}

interface Rule {
  readonly isException: boolean;
  readonly pattern: CompiledPattern;
}

/** Undefined: BuildKit refuses the pattern. */
function makeRule(written: string): Rule | undefined {
  const cleaned = cleanPath(trimSpace(written));
  const isException = cleaned.startsWith("!");
  const text = isException ? cleaned.slice(1) : cleaned;
  if (text === "") return undefined;
  const pattern = compilePattern(text);
  return pattern === undefined ? undefined : { isException, pattern };
}

/** Without exceptions the order does not matter: a path is excluded when it or a folder above it matches anything. */
function matchAny(rules: readonly Rule[]): IgnoreMatcher {
  const exact = new Set<string>();
  const names = new Set<string>();
  const tests: ((path: string) => boolean)[] = [];
  for (const { pattern } of rules) {
    if (pattern.exact !== undefined) exact.add(pattern.exact);
    else if (pattern.name !== undefined) names.add(pattern.name);
    else tests.push(pattern.matches);
  }
  const folders = new Map<string, boolean>();
  const matches = (path: string): boolean =>
    exact.has(path) || names.has(path.slice(path.lastIndexOf("/") + 1)) || tests.some((test) => test(path));
  const isFolderExcluded = (folder: string): boolean => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const above = folder.lastIndexOf("/");
    const isExcluded = (above > 0 && isFolderExcluded(folder.slice(0, above))) || matches(folder);
    folders.set(folder, isExcluded);
    return isExcluded;
  };
  return (path) => {
    const above = path.lastIndexOf("/");
    return (above > 0 && isFolderExcluded(path.slice(0, above))) || matches(path);
  };
}

/**
 * With exceptions each folder remembers which patterns matched it, since its content inherits that. A pattern is not
 * tried where it could not change the result, and what was not tried is not inherited: that is what BuildKit does.
 */
function matchInOrder(rules: readonly Rule[]): IgnoreMatcher {
  const none = new Uint8Array(rules.length);
  const folders = new Map<string, Uint8Array>();
  const scratch = new Uint8Array(rules.length);
  const decide = (path: string, inherited: Uint8Array, matched: Uint8Array): boolean => {
    let isExcluded = false;
    for (const [index, rule] of rules.entries()) {
      let isMatch = inherited[index] === 1;
      if (!isMatch && rule.isException === isExcluded) isMatch = rule.pattern.matches(path);
      matched[index] = isMatch ? 1 : 0;
      if (isMatch) isExcluded = !rule.isException;
    }
    return isExcluded;
  };
  const inheritedBy = (path: string): Uint8Array => {
    const above = path.lastIndexOf("/");
    if (above <= 0) return none;
    const folder = path.slice(0, above);
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const matched = new Uint8Array(rules.length);
    decide(folder, inheritedBy(folder), matched);
    folders.set(folder, matched);
    return matched;
  };
  return (path) => decide(path, inheritedBy(path), scratch);
}
