import { configurationError, type Diagnostic } from "../../errors.ts";
import { StepLimitError, Steps } from "../../model/steps.ts";
import { cleanPath, trimSpace } from "../syntax/go-text.ts";
import { isTakenByFilepathMatch } from "./go-match.ts";
import { compilePattern, type CompiledPattern } from "./ignore-pattern.ts";

/** One pattern, and where it was written. */
export interface PlacedPattern {
  /** As BuildKit is handed it; `!` in front makes an exception. */
  readonly pattern: string;
  /** Counted from 1; undefined where there are no lines. */
  readonly line: number | undefined;
}

/** The patterns of an ignore file, in order. */
export interface IgnorePatterns {
  /** The file's name for messages. */
  readonly file: string;
  readonly patterns: readonly PlacedPattern[];
}

/** The longest line that BuildKit reads. */
const maximumLine = 65_535;

/**
 * Reads a `.dockerignore`. `file` is its name for messages.
 * @throws SlipwayError `configuration` for a pattern that BuildKit refuses.
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

/** Patterns of `--exclude` and `--parents`, which are not the lines of a file. Undefined: BuildKit fails on one of them. */
export function makePatterns(patterns: readonly string[]): IgnorePatterns | undefined {
  const kept = patterns.filter((pattern) => trimSpace(pattern) !== "");
  if (!kept.every((pattern) => isTaken(pattern) && makeRule({ pattern, line: undefined }).compiled !== undefined)) {
    return undefined;
  }
  return { file: "", patterns: kept.map((pattern) => ({ pattern, line: undefined })) };
}

/** A line of an ignore file as a pattern; comments are the caller's business. */
export function cleanPattern(line: string): string {
  return normalizeLine(trimSpace(line));
}

/** Whether BuildKit never fails on a line of an ignore file. */
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

/** BuildKit looks at the syntax of every pattern before it matches anything, and by the rules of `filepath.Match`. */
function isTaken(pattern: string): boolean {
  const { isException, text } = splitException(pattern);
  return !(isException && text === "") && isTakenByFilepathMatch(text);
}

function splitException(pattern: string): { isException: boolean; text: string } {
  const cleaned = cleanPath(trimSpace(pattern));
  const isException = cleaned.startsWith("!");
  return { isException, text: isException ? cleaned.slice(1) : cleaned };
}

/** Whether a path (relative to the context, POSIX, clean) is excluded. Folders can be asked about, too. */
export type IgnoreMatcher = (path: string) => boolean;

interface Rule {
  readonly isException: boolean;
  readonly text: string;
  readonly line: number | undefined;
  /** Undefined: BuildKit fails when it tries the pattern. */
  readonly compiled: CompiledPattern | undefined;
}

/**
 * Matches as BuildKit does when it walks a context: a folder that matches takes its content along, the last pattern that
 * applies decides, and an exception counts only where something was excluded before it.
 *
 * A path is asked with its folders above, which may not be asked about as files. `steps` bounds the work for all paths together.
 * The matcher throws `configuration` with the line of the pattern that passes the bound, or that BuildKit fails on.
 */
export function makeIgnoreMatcher(patterns: IgnorePatterns, steps?: Steps): IgnoreMatcher {
  return makeContextMatcher(patterns, steps).isIgnored;
}

/** What an ignore file leaves out of a context, and which folders BuildKit does not look into. */
export interface ContextMatcher {
  readonly isIgnored: IgnoreMatcher;
  /** Whether BuildKit leaves out a folder with everything in it, whatever that is. */
  readonly isSkipped: (folder: string) => boolean;
}

/** The matcher of a context with the folders that need not be walked; see `makeIgnoreMatcher`. */
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

/** The patterns that BuildKit fails on as soon as it tries them on a path. */
export function hasFaultyPattern({ patterns }: IgnorePatterns): boolean {
  return patterns.some((pattern) => makeRule(pattern).compiled === undefined);
}

/** Some ten seconds of matching. */
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

/** Without exceptions the order does not matter: a path is excluded when it or a folder above it matches anything. */
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

/** What the content of a folder inherits. */
interface Inherited {
  /** 1 for each pattern that matched the folder. */
  readonly matched: Uint8Array;
  /** BuildKit does not look into the folder. */
  readonly isSkipped: boolean;
}

/**
 * With exceptions each folder remembers which patterns matched it, since its content inherits that. A pattern is not
 * tried where it could not change the result, and what was not tried is not inherited: that is what BuildKit does.
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
 * BuildKit does not look into an excluded folder when all exceptions are plain paths by its reckoning and none lies in that folder. By
 * that reckoning `!a|b/*` is a plain path, though it matches more.
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
