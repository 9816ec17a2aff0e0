import { codePoints, escapeRegExp } from "./go-text.ts";

/** One pattern of an ignore file, ready to match; folders above a path are the caller's business. */
export interface CompiledPattern {
  readonly matches: (path: string) => boolean;
  /** The only path it matches, when there is only one. */
  readonly exact: string | undefined;
}

type Form = "exact" | "prefix" | "suffix" | "expression";

/**
 * Compiles a clean pattern without its `!`, with the same shortcuts as moby/patternmatcher, since they do not always mean
 * what the expression would: `a/**` is a prefix, `**` + text is a suffix. Undefined: BuildKit fails on it.
 */
export function compilePattern(pattern: string): CompiledPattern | undefined {
  const characters = codePoints(pattern);
  let form: Form = "exact";
  let source = "";
  let at = 0;
  while (at < characters.length) {
    const start = at;
    const character = characters[at] ?? "";
    at++;
    if (character === "*" && characters[at] === "*") {
      at++;
      if (characters[at] === "/") at++;
      if (at < characters.length) {
        source += "(?:[^\\n]*/)?";
        form = "expression";
      } else if (form === "exact") {
        form = "prefix";
      } else {
        source += "[^\\n]*";
        form = "expression";
      }
      if (start === 0) form = "suffix";
      continue;
    }
    if (character === "*" || character === "?") {
      source += character === "*" ? "[^/]*" : "[^/]";
      form = "expression";
    } else if (character === "\\" || character === "[") {
      const token = character === "[" ? readClass(characters, at) : readEscape(characters, at);
      if (token === undefined) return undefined;
      source += token.source;
      at = token.end;
      form = "expression";
    } else {
      if (character === "]") form = "expression";
      source += rawOrEscaped(characters, at - 1);
    }
  }
  return finish(pattern, form, source);
}

/**
 * moby/patternmatcher escapes what means something in an expression, but not `^`, `|`, `{` and `}`: `a|b*` is a choice
 * and `a{2}*` a repetition. Braces that are none, as in `*.{js,ts}`, are characters.
 */
function rawOrEscaped(characters: readonly string[], at: number): string {
  const character = characters[at] ?? "";
  if (character === "^" || character === "|") return character;
  const isRepetition =
    (character === "{" && /^\{\d+(?:,\d*)?\}/.test(characters.slice(at).join(""))) ||
    (character === "}" && /\{\d+(?:,\d*)?$/.test(characters.slice(0, at).join("")));
  return isRepetition ? character : escapeRegExp(character);
}

function finish(pattern: string, form: Form, source: string): CompiledPattern | undefined {
  switch (form) {
    case "exact":
      return { matches: (path) => path === pattern, exact: pattern };
    case "prefix": {
      const prefix = pattern.slice(0, -2);
      return { matches: (path) => path.startsWith(prefix), exact: undefined };
    }
    case "suffix": {
      const suffix = pattern.slice(2);
      const whole = suffix.startsWith("/") ? suffix.slice(1) : undefined;
      return { matches: (path) => path.endsWith(suffix) || path === whole, exact: undefined };
    }
    case "expression":
      break;
  }
  const expression = makeExpression(`^${source}$`);
  return expression && { matches: (path) => expression.test(path), exact: undefined };
}

function makeExpression(source: string): RegExp | undefined {
  try {
    return new RegExp(source, "u");
  } catch {
    return undefined;
  }
}

interface Token {
  readonly source: string;
  readonly end: number;
}

/** Escapes that Go's expressions give a meaning and `path.Match` does not; BuildKit uses the expression. */
const escapes: Readonly<Record<string, string>> = {
  a: "\\x07",
  f: "\\f",
  n: "\\n",
  r: "\\r",
  t: "\\t",
  v: "\\v",
  d: "[0-9]",
  D: "[^0-9]",
  s: "[\\t\\n\\f\\r ]",
  S: "[^\\t\\n\\f\\r ]",
  w: "[0-9A-Za-z_]",
  W: "[^0-9A-Za-z_]",
  b: "\\b",
  B: "\\B",
  A: "^",
  z: "$",
};

/** A trailing backslash escapes the end of the expression: BuildKit refuses it. */
function readEscape(characters: readonly string[], at: number): Token | undefined {
  const escaped = characters[at];
  if (escaped === undefined) return undefined;
  if (/^[A-Za-z0-9]$/.test(escaped)) {
    const source = Object.hasOwn(escapes, escaped) ? escapes[escaped] : undefined;
    return source === undefined ? undefined : { source, end: at + 1 };
  }
  if (escaped > "\u007f") return undefined;
  return { source: escapeRegExp(escaped), end: at + 1 };
}

/** The named classes of Go's expressions: `[[:alpha:]]`. */
const namedClasses: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7f",
  blank: "\\t ",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

/** The part of a class that `\d` and its like stand for. */
const escapedClasses: Readonly<Record<string, string>> = {
  d: "0-9",
  D: "\\x00-\\x2f\\x3a-\\u{10ffff}",
  s: "\\t\\n\\f\\r ",
  S: "\\x00-\\x08\\x0b\\x0e-\\x1f!-\\u{10ffff}",
  w: "0-9A-Za-z_",
  W: "\\x00-\\x2f\\x3a-\\x40\\x5b-\\x5e`\\x7b-\\u{10ffff}",
};

/** A character class as Go's expressions read it: a `]` that comes first is a character, and so is any `-` without ends. */
function readClass(characters: readonly string[], start: number): Token | undefined {
  let at = start;
  const isNegated = characters[at] === "^";
  if (isNegated) at++;
  let body = "";
  for (let isFirst = true; isFirst || characters[at] !== "]"; isFirst = false) {
    const whole = readWholeClass(characters, at);
    if (whole !== undefined) {
      if (whole.source === "") return undefined;
      body += whole.source;
      at = whole.end;
      continue;
    }
    const low = readClassCharacter(characters, at);
    if (low === undefined) return undefined;
    at = low.end;
    let high: Token | undefined = low;
    if (characters[at] === "-" && characters[at + 1] !== undefined && characters[at + 1] !== "]") {
      high = readClassCharacter(characters, at + 1);
      if (high === undefined || codePoint(high.source) < codePoint(low.source)) return undefined;
      at = high.end;
    }
    body += `${escapeRegExp(low.source)}-${escapeRegExp(high.source)}`;
  }
  return { source: `[${isNegated ? "^" : ""}${body}]`, end: at + 1 };
}

/** `[:alpha:]` or `\d` inside a class; nothing as its source where Go knows no such class. */
function readWholeClass(characters: readonly string[], at: number): Token | undefined {
  if (characters[at] === "\\") {
    const escaped = characters[at + 1] ?? "";
    const source = Object.hasOwn(escapedClasses, escaped) ? escapedClasses[escaped] : undefined;
    return source === undefined ? undefined : { source, end: at + 2 };
  }
  const match = /^\[:(.*?):\]/su.exec(characters.slice(at).join(""));
  if (match === null) return undefined;
  const name = match[1] ?? "";
  const isKnown = Object.hasOwn(namedClasses, name);
  return { source: isKnown ? (namedClasses[name] ?? "") : "", end: at + codePoints(match[0]).length };
}

function readClassCharacter(characters: readonly string[], at: number): Token | undefined {
  const character = characters[at];
  if (character === undefined) return undefined;
  if (character !== "\\") return { source: character, end: at + 1 };
  const escaped = characters[at + 1];
  if (escaped === undefined || escaped > "\u007f") return undefined;
  if (!/^[A-Za-z0-9]$/.test(escaped)) return { source: escaped, end: at + 2 };
  const source = { a: "\x07", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" }[escaped];
  return source === undefined ? undefined : { source, end: at + 2 };
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
