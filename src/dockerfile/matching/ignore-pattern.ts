import type { Steps } from "../../model/steps.ts";
import { codePoints } from "../syntax/go-text.ts";
import { compileGoRegexp } from "./go-regexp.ts";

/** One pattern of an ignore file, ready to match; folders above a path are the caller's business. */
export interface CompiledPattern {
  readonly matches: (path: string, steps: Steps) => boolean;
  /** The only path it matches, when there is only one. */
  readonly exact: string | undefined;
  /** It matches exactly what has this last part: `**` + `/` + a name. */
  readonly name: string | undefined;
}

type Form = "exact" | "prefix" | "suffix" | "expression";

interface Translated {
  readonly form: Form;
  readonly source: string;
}

/**
 * Compiles a clean pattern without its `!`, by the way of moby/patternmatcher, since its shortcuts do not always mean what
 * the expression would: `a/**` is a prefix, `**` + text is a suffix. Undefined: its expression is none that Go takes, and BuildKit
 * fails when it tries the pattern.
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
 * The expression in Go's syntax. Not everything that means something in it gets escaped: in a pattern with a wildcard, `^`, `|` and
 * `{2}` keep their meaning, and so does all that a character class holds.
 */
function translate(pattern: string): Translated {
  // A byte order mark in front is not seen.
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

/** What every match begins and ends with: a cheap test before the expression. */
function literalEnds(pattern: string): readonly [head: string, tail: string] {
  if (/[\\|{^[\uFEFF]/.test(pattern)) return ["", ""];
  let head = 0;
  while (literal.test(pattern.charAt(head))) head++;
  let tail = pattern.length;
  while (literal.test(pattern.charAt(tail - 1)) && pattern.charAt(tail - 1) !== "/") tail--;
  return [pattern.slice(0, head), pattern.slice(tail)];
}
