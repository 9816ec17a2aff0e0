import type { Steps } from "../../model/steps.ts";
import { codePoints } from "../syntax/go-text.ts";
import { compileGoRegexp } from "./go-regexp.ts";

/** A compiled pattern of an ignore file. It matches a path itself; the caller checks the folders above. */
export interface CompiledPattern {
  readonly matches: (path: string, steps: Steps) => boolean;
  /** The only path that it matches; undefined: there may be several. */
  readonly exact: string | undefined;
  /** Last part of a path that decides the match, for a pattern `**` + `/` + name; undefined: another kind of pattern. */
  readonly name: string | undefined;
}

type Form = "exact" | "prefix" | "suffix" | "expression";

interface Translated {
  readonly form: Form;
  readonly source: string;
}

/**
 * Compiles a clean pattern without its `!`. Takes the same shortcuts as moby/patternmatcher, because they can differ from the regular
 * expression: `a/**` is a prefix, `**` + text is a suffix. Undefined: Go rejects the expression, and BuildKit fails when it tries the
 * pattern.
 */
export function compilePattern(pattern: string): CompiledPattern | undefined {
  const { form, source } = translate(pattern);
  switch (form) {
    case "exact":
      return { matches: (path) => path === pattern, exact: pattern, name: undefined };
    case "prefix": {
      const prefix = pattern.slice(0, -2);
      return { matches: (path) => path.startsWith(prefix), exact: undefined, name: undefined };
    }
    case "suffix": {
      const suffix = pattern.slice(2);
      const whole = suffix.startsWith("/") ? suffix.slice(1) : undefined;
      const name = whole === "" || whole?.includes("/") === true ? undefined : whole;
      return { matches: (path) => path.endsWith(suffix) || path === whole, exact: undefined, name };
    }
    case "expression":
      return compileExpression(pattern, source);
  }
}

/**
 * Translates a pattern to Go's regular expression syntax. Not all special characters are escaped: in a pattern with a wildcard, `^`, `|`
 * and `{2}` keep their meaning, and so does the content of a character class.
 */
function translate(pattern: string): Translated {
  // moby/patternmatcher skips a byte order mark at the start.
  const characters = codePoints(pattern.startsWith("\uFEFF") ? pattern.slice(1) : pattern);
  let form: Form = "exact";
  let source = "^";
  let at = 0;
  while (at < characters.length) {
    const start = at;
    const character = characters[at] ?? "";
    at++;
    if (character === "*" && characters[at] === "*") {
      at++;
      if (characters[at] === "/") at++;
      const isLast = at >= characters.length;
      if (isLast && form === "exact") {
        form = "prefix";
      } else {
        source += isLast ? ".*" : "(.*/)?";
        form = "expression";
      }
      if (start === 0) form = "suffix";
    } else if (character === "*" || character === "?") {
      source += character === "*" ? "[^/]*" : "[^/]";
      form = "expression";
    } else if (character === "\\" && at < characters.length) {
      source += `\\${characters[at] ?? ""}`;
      form = "expression";
      at++;
    } else {
      if (character === "[" || character === "]") form = "expression";
      source += ".+()$".includes(character) ? `\\${character}` : character;
    }
  }
  return { form, source: `${source}$` };
}

function compileExpression(pattern: string, source: string): CompiledPattern | undefined {
  const expression = compileGoRegexp(source);
  if (expression === undefined) return undefined;
  const [head, tail] = literalEnds(pattern);
  const matches = (path: string, steps: Steps): boolean =>
    path.endsWith(tail) && path.startsWith(head) && expression(path, steps);
  return { matches, exact: undefined, name: undefined };
}

const literal = /[\w./-]/;

/** Literal text that every match begins and ends with, for a cheap check before the expression. */
function literalEnds(pattern: string): readonly [head: string, tail: string] {
  if (/[\\|{^[\uFEFF]/.test(pattern)) return ["", ""];
  let head = 0;
  while (literal.test(pattern.charAt(head))) head++;
  let tail = pattern.length;
  while (literal.test(pattern.charAt(tail - 1)) && pattern.charAt(tail - 1) !== "/") tail--;
  return [pattern.slice(0, head), pattern.slice(tail)];
}
