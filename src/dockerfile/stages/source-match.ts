import type { FileRead } from "../syntax/dockerfile.ts";
import { Steps } from "../../model/steps.ts";
import { hasWildcards } from "../syntax/go-text.ts";
import { type IgnoreMatcher, makeIgnoreMatcher, makePatterns } from "../matching/ignore.ts";
import { compileGoMatch } from "../matching/go-match.ts";
import { compilePattern } from "../matching/ignore-pattern.ts";

/** What the patterns of the reads of one context may take together. */
export function sourceSteps(): Steps {
  return new Steps(1_000_000_000);
}

/** The part of a source before its first wildcard, `.` when there is none, and the pattern after it, if any. */
export function splitWildcards(source: string): { readonly literal: string; readonly pattern: string | undefined } {
  const parts = source.split("/");
  const first = parts.findIndex(hasWildcards);
  if (first < 0) return { literal: source, pattern: undefined };
  return { literal: first === 0 ? "." : parts.slice(0, first).join("/"), pattern: parts.slice(first).join("/") };
}

/**
 * The paths a source names, of those that can be asked about: the source itself, or what its pattern matches.
 * Patterns are Go's `path.Match`: `*` stays within a folder's name and `**` is two of it. A malformed one matches nothing.
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
 * Which paths below a source's root an instruction takes, by their path relative to that root:
 * all that `--exclude` does not name, and with `--parents` only what the pattern names.
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

/** BuildKit fails on malformed patterns: nothing is left out for their sake. */
function excludeMatcher(exclude: readonly string[], steps: Steps): IgnoreMatcher {
  const patterns = makePatterns(exclude);
  return patterns === undefined ? () => false : makeIgnoreMatcher(patterns, steps);
}

/**
 * Whether BuildKit takes a source for a pattern or a plain path. It asks for files by the rules of ignore files, then picks among
 * them by those of `path.Match`: a pattern must be one by both.
 */
export function isSourcePattern(source: string, parents: boolean): boolean {
  if (parents) return makePatterns([splitPivot(source).pattern]) !== undefined;
  return !hasWildcards(source) || (compileGoMatch(source) !== undefined && compilePattern(source) !== undefined);
}

/** `base/./pattern` of `COPY --parents`; without a pivot the base is the root of the context. */
export function splitPivot(source: string): { readonly base: string; readonly pattern: string } {
  const pivot = source.indexOf("/./");
  if (pivot < 0) return { base: ".", pattern: source };
  return { base: source.slice(0, pivot), pattern: source.slice(pivot + 3) };
}

/** Whether one source of `COPY` (no `--parents`) names the path or a folder above it. */
export function matchSource(source: string): (path: string) => boolean {
  const findRoot = makeRootFinder(source);
  return (path) => findRoot(path) !== undefined;
}

/** Finds the first folder on the way to a path, or the path itself, that a source names. */
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
