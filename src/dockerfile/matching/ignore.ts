import { configurationError, type Diagnostic } from "../../errors.ts";
import { StepLimitError, Steps } from "../../model/steps.ts";
import { cleanPath, trimSpace } from "../syntax/go-text.ts";
import { isTakenByFilepathMatch } from "./go-match.ts";
import { compilePattern, type CompiledPattern } from "./ignore-pattern.ts";

/** One pattern and its line. */
export interface PlacedPattern {
  /** Pattern in the form that BuildKit gets; a leading `!` makes it an exception. */
  readonly pattern: string;
  /** Line number from 1; undefined: the pattern is not from a file. */
  readonly line: number | undefined;
}

/** The patterns of an ignore file, in order. */
export interface IgnorePatterns {
  /** Name of the file in messages. */
  readonly file: string;
  readonly patterns: readonly PlacedPattern[];
}

/** Longest line in bytes that BuildKit reads. */
const maximumLine = 65_535;

/**
 * Reads a `.dockerignore`. `file`: its name in messages.
 * @throws SlipwayError `configuration` for a pattern that BuildKit rejects.
 */
export function parseIgnoreFile(text: string, file = ".dockerignore"): IgnorePatterns {
  const patterns: PlacedPattern[] = [];
  const faults: Diagnostic[] = [];
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  for (const [index, written] of lines.entries()) {
    const fault = (message: string): void => void faults.push({ file, line: index + 1, column: 1, message });
    if (Buffer.byteLength(written) > maximumLine) fault("the line is longer than the 65,535 bytes that BuildKit reads");
    if (written.startsWith("#")) continue;
    const pattern = cleanPattern(written);
    if (pattern === "") continue;
    if (!isTaken(pattern)) fault(`"${trimSpace(written)}" is no pattern that BuildKit can use`);
    patterns.push({ pattern, line: index + 1 });
  }
  if (faults.length > 0) throw configurationError(faults);
  return { file, patterns };
}

/** Makes patterns of `--exclude` and `--parents`. Undefined: BuildKit fails on one of them. */
export function makePatterns(patterns: readonly string[]): IgnorePatterns | undefined {
  const kept = patterns.filter((pattern) => trimSpace(pattern) !== "");
  if (!kept.every((pattern) => isTaken(pattern) && makeRule({ pattern, line: undefined }).compiled !== undefined)) {
    return undefined;
  }
  return { file: "", patterns: kept.map((pattern) => ({ pattern, line: undefined })) };
}

/** Makes a pattern of a line of an ignore file. The caller skips comments. */
export function cleanPattern(line: string): string {
  return normalizeLine(trimSpace(line));
}

/** Whether BuildKit accepts a line of an ignore file for every path. */
export function isIgnorePattern(line: string): boolean {
  const pattern = cleanPattern(line);
  return pattern !== "" && isTaken(pattern) && makeRule({ pattern, line: undefined }).compiled !== undefined;
}

function normalizeLine(line: string): string {
  const isException = line.startsWith("!");
  const body = isException ? trimSpace(line.slice(1)) : line;
  if (body === "") return line;
  const cleaned = cleanPath(body);
  const relative = cleaned.length > 1 && cleaned.startsWith("/") ? cleaned.slice(1) : cleaned;
  return isException ? `!${relative}` : relative;
}

/** Whether BuildKit accepts a pattern's syntax. It checks every pattern by the rules of `filepath.Match` before it matches any path. */
function isTaken(pattern: string): boolean {
  const { isException, text } = splitException(pattern);
  return !(isException && text === "") && isTakenByFilepathMatch(text);
}

function splitException(pattern: string): { isException: boolean; text: string } {
  const cleaned = cleanPath(trimSpace(pattern));
  const isException = cleaned.startsWith("!");
  return { isException, text: isException ? cleaned.slice(1) : cleaned };
}

/** Whether a path (relative to the context, POSIX, clean) is excluded. The path may be a folder. */
export type IgnoreMatcher = (path: string) => boolean;

interface Rule {
  readonly isException: boolean;
  readonly text: string;
  readonly line: number | undefined;
  /** Compiled pattern; undefined: BuildKit fails when it tries the pattern. */
  readonly compiled: CompiledPattern | undefined;
}

/**
 * Makes a matcher that works as BuildKit walks a context: a matched folder excludes its content, the last pattern that applies decides, and
 * an exception only has an effect on an excluded path.
 * Matching a path also matches the folders above it. `steps` limits the work for all paths together. The matcher throws `configuration`
 * with the line of the pattern that exceeds the limit or that BuildKit fails on.
 */
export function makeIgnoreMatcher(patterns: IgnorePatterns, steps?: Steps): IgnoreMatcher {
  return makeContextMatcher(patterns, steps).isIgnored;
}

/** Tests for the paths that an ignore file excludes, and for the folders that BuildKit skips. */
export interface ContextMatcher {
  readonly isIgnored: IgnoreMatcher;
  /** Whether BuildKit leaves out a folder with all its content. */
  readonly isSkipped: (folder: string) => boolean;
}

/** Makes the matcher of a context, which also decides the folders that need not be walked; see `makeIgnoreMatcher`. */
export function makeContextMatcher(
  { file, patterns }: IgnorePatterns,
  steps: Steps = new Steps(maximumSteps),
): ContextMatcher {
  const rules = patterns.map(makeRule);
  if (rules.length === 0) return { isIgnored: () => false, isSkipped: () => false };
  const run: Run = { file, steps };
  const isSimple = rules.every(({ isException, compiled }) => !isException && compiled !== undefined);
  if (!isSimple) return matchInOrder(rules, run);
  const isIgnored = matchAny(rules, run);
  return { isIgnored, isSkipped: isIgnored };
}

/** Whether BuildKit would fail on one of the patterns when it tries them on a path. */
export function hasFaultyPattern({ patterns }: IgnorePatterns): boolean {
  return patterns.some((pattern) => makeRule(pattern).compiled === undefined);
}

/** Step limit, about ten seconds of matching. */
const maximumSteps = 1_000_000_000;

interface Run {
  readonly file: string;
  readonly steps: Steps;
}

function makeRule({ pattern, line }: PlacedPattern): Rule {
  const { isException, text } = splitException(pattern);
  return { isException, text, line, compiled: compilePattern(text) };
}

function tryRule(rule: Rule, path: string, run: Run): boolean {
  if (rule.compiled === undefined) {
    throw configurationError([
      { ...placeOf(rule, run), message: `${quote(rule)} is no pattern that BuildKit can use` },
    ]);
  }
  try {
    run.steps.take(1);
    return rule.compiled.matches(path, run.steps);
  } catch (error) {
    throw explainLimit(error, rule, run);
  }
}

function explainLimit(error: unknown, rule: Rule, run: Run): unknown {
  if (!(error instanceof StepLimitError) || rule.line === undefined) return error;
  const message = `to match the patterns up to ${quote(rule)} ${error.message}: use fewer and simpler ones`;
  return configurationError([{ ...placeOf(rule, run), message }]);
}

function placeOf(rule: Rule, { file }: Run): { file: string; line: number; column: number } {
  return { file, line: rule.line ?? 1, column: 1 };
}

function quote(rule: Rule): string {
  return `"${rule.isException ? "!" : ""}${rule.text}"`;
}

/** Matches without exceptions. The order is irrelevant then: a path is excluded if it or a folder above it matches any pattern. */
function matchAny(rules: readonly Rule[], run: Run): IgnoreMatcher {
  const exact = new Set<string>();
  const names = new Set<string>();
  const others: Rule[] = [];
  for (const rule of rules) {
    if (rule.compiled?.exact !== undefined) exact.add(rule.compiled.exact);
    else if (rule.compiled?.name !== undefined) names.add(rule.compiled.name);
    else others.push(rule);
  }
  const folders = new Map<string, boolean>();
  const matches = (path: string): boolean =>
    exact.has(path) ||
    names.has(path.slice(path.lastIndexOf("/") + 1)) ||
    others.some((rule) => tryRule(rule, path, run));
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

/** State that a folder passes on to its content. */
interface Inherited {
  /** 1 at the index of each pattern that matched the folder. */
  readonly matched: Uint8Array;
  /** Whether BuildKit skips the folder. */
  readonly isSkipped: boolean;
}

/**
 * Matches with exceptions. Each folder remembers which patterns matched it, for its content. Like BuildKit, does not try a pattern that
 * could not change the result, and then does not pass it on as matched.
 */
function matchInOrder(rules: readonly Rule[], run: Run): ContextMatcher {
  const none: Inherited = { matched: new Uint8Array(rules.length), isSkipped: false };
  const folders = new Map<string, Inherited>();
  const scratch = new Uint8Array(rules.length);
  const isSkipped = makeFolderSkipper(rules);
  const decide = (path: string, inherited: Uint8Array, matched: Uint8Array): boolean => {
    let isExcluded = false;
    for (const [index, rule] of rules.entries()) {
      let isMatch = inherited[index] === 1;
      if (!isMatch && rule.isException === isExcluded) isMatch = tryRule(rule, path, run);
      matched[index] = isMatch ? 1 : 0;
      if (isMatch) isExcluded = !rule.isException;
    }
    return isExcluded;
  };
  const inheritedBy = (path: string): Inherited => {
    const above = path.lastIndexOf("/");
    return above <= 0 ? none : inheritedIn(path.slice(0, above));
  };
  const inheritedIn = (folder: string): Inherited => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const outer = inheritedBy(folder);
    const matched = new Uint8Array(rules.length);
    const isExcluded = !outer.isSkipped && decide(folder, outer.matched, matched);
    const inherited = { matched, isSkipped: outer.isSkipped || (isExcluded && isSkipped(folder)) };
    folders.set(folder, inherited);
    return inherited;
  };
  return {
    isIgnored: (path) => {
      const inherited = inheritedBy(path);
      return inherited.isSkipped || decide(path, inherited.matched, scratch);
    },
    isSkipped: (folder) => inheritedIn(folder).isSkipped,
  };
}

/**
 * Makes a test whether BuildKit skips an excluded folder: all exceptions must be plain paths by its own definition, none of them in that
 * folder. By that definition `!a|b/*` is a plain path, although it matches more.
 */
function makeFolderSkipper(rules: readonly Rule[]): (folder: string) => boolean {
  const exceptions = rules.filter(({ isException }) => isException).map(({ text }) => withoutTrailingGlob(text));
  if (exceptions.some((text) => /[*[\]?^\\]/.test(text))) return () => false;
  const paths = exceptions.map((text) => `${text}/`);
  return (folder) => !paths.some((path) => path.startsWith(`${folder}/`));
}

function withoutTrailingGlob(pattern: string): string {
  const outer = pattern.endsWith("/**") ? pattern.slice(0, -3) : pattern;
  return outer.endsWith("/*") ? outer.slice(0, -2) : outer;
}
