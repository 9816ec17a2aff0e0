import type { FileRead } from "../syntax/dockerfile.ts";
import { Steps } from "../../model/steps.ts";
import { hasWildcards } from "../syntax/go-text.ts";
import { type IgnoreMatcher, makeIgnoreMatcher, makePatterns } from "../matching/ignore.ts";
import { compileGoMatch } from "../matching/go-match.ts";
import { compilePattern } from "../matching/ignore-pattern.ts";

/** Step limit for all patterns of the reads of one context. */
export function sourceSteps(): Steps {
  return new Steps(1_000_000_000);
}

/** Splits a source into the folders before its first wildcard, `.` if there are none, and the pattern after them, if any. */
export function splitWildcards(source: string): { readonly literal: string; readonly pattern: string | undefined } {
  const parts = source.split("/");
  const first = parts.findIndex(hasWildcards);
  if (first < 0) return { literal: source, pattern: undefined };
  return { literal: first === 0 ? "." : parts.slice(0, first).join("/"), pattern: parts.slice(first).join("/") };
}

/**
 * Makes a test whether a path is the source itself or matches its pattern. Patterns are those of Go's `path.Match`: `*` does not match a
 * slash, and `**` is the same as `*`. A malformed pattern matches nothing.
 */
export function makeRootMatcher(source: string, wildcards: boolean, steps = sourceSteps()): (path: string) => boolean {
  const { literal, pattern } = wildcards ? splitWildcards(source) : { literal: source, pattern: undefined };
  if (pattern === undefined) return (path) => path === source;
  const matches = compileGoMatch(pattern);
  if (matches === undefined) return () => false;
  const prefix = literal === "." ? "" : `${literal}/`;
  return (path) => path !== "." && path.startsWith(prefix) && matches(path.slice(prefix.length), steps);
}

/**
 * Makes a test whether an instruction takes a path below a source's root. The path is relative to that root. Takes all paths that
 * `--exclude` does not match; with `--parents`, only those that the pattern matches.
 */
export function makeContentMatcher(
  read: FileRead,
  source: string,
  steps = sourceSteps(),
): (relative: string) => boolean {
  const isExcluded = excludeMatcher(read.exclude, steps);
  const pattern = read.parents ? splitPivot(source).pattern : undefined;
  if (pattern === undefined) return (relative) => !isExcluded(relative);
  const patterns = makePatterns([pattern]);
  if (patterns === undefined) return () => false;
  const isIncluded = makeIgnoreMatcher(patterns, steps);
  return (relative) => isIncluded(relative) && !isExcluded(relative);
}

/** Makes the matcher of `--exclude`. BuildKit fails on a malformed pattern, so such patterns exclude nothing. */
function excludeMatcher(exclude: readonly string[], steps: Steps): IgnoreMatcher {
  const patterns = makePatterns(exclude);
  return patterns === undefined ? () => false : makeIgnoreMatcher(patterns, steps);
}

/**
 * Whether BuildKit accepts a source as a pattern or a plain path. It selects files by the rules of ignore files, then by those of
 * `path.Match`, so a pattern must be valid by both.
 */
export function isSourcePattern(source: string, parents: boolean): boolean {
  if (parents) return makePatterns([splitPivot(source).pattern]) !== undefined;
  return !hasWildcards(source) || (compileGoMatch(source) !== undefined && compilePattern(source) !== undefined);
}

/** Splits `base/./pattern` of `COPY --parents`; without a pivot the base is the root of the context. */
export function splitPivot(source: string): { readonly base: string; readonly pattern: string } {
  const pivot = source.indexOf("/./");
  if (pivot < 0) return { base: ".", pattern: source };
  return { base: source.slice(0, pivot), pattern: source.slice(pivot + 3) };
}

/** Makes a test whether one source of `COPY` (without `--parents`) names a path or a folder above it. */
export function matchSource(source: string): (path: string) => boolean {
  const findRoot = makeRootFinder(source);
  return (path) => findRoot(path) !== undefined;
}

/** Makes a function that finds the first folder above a path, or the path itself, that a source names. */
function makeRootFinder(source: string): (path: string) => string | undefined {
  if (source === ".") return () => ".";
  const { literal, pattern } = splitWildcards(source);
  const below = literal === "." ? "" : `${literal}/`;
  if (pattern === undefined) return (path) => (path === source || path.startsWith(below) ? source : undefined);
  const isRoot = makeRootMatcher(source, true);
  return (path) => {
    if (!path.startsWith(below)) return undefined;
    for (let end = path.indexOf("/", below.length); end >= 0; end = path.indexOf("/", end + 1)) {
      const folder = path.slice(0, end);
      if (isRoot(folder)) return folder;
    }
    return isRoot(path) ? path : undefined;
  };
}
