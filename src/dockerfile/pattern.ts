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
      source += character === "^" ? "^" : escapeRegExp(character);
    }
  }
  return finish(pattern, form, source);
}

function finish(pattern: string, form: Form, source: string): CompiledPattern {
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
  const expression = new RegExp(`^${source}$`, "u");
  return { matches: (path) => expression.test(path), exact: undefined };
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

/** A character class of Go's expressions; named ones (`[:alpha:]`) and escaped letters in it are not supported. */
function readClass(characters: readonly string[], start: number): Token | undefined {
  let at = start;
  const isNegated = characters[at] === "^";
  if (isNegated) at++;
  let body = "";
  const readOne = (): string | undefined => {
    const character = characters[at];
    if (character === "[" && characters[at + 1] === ":") return undefined;
    if (character !== "\\") {
      at++;
      return character;
    }
    const escaped = characters[at + 1];
    at += 2;
    return escaped === undefined || /^[A-Za-z0-9]$/.test(escaped) || escaped > "\u007f" ? undefined : escaped;
  };
  for (let isFirst = true; isFirst || characters[at] !== "]"; isFirst = false) {
    const low = readOne();
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (characters[at] === "-" && characters[at + 1] !== "]") {
      at++;
      high = readOne();
    }
    if (high === undefined || (high.codePointAt(0) ?? 0) < (low.codePointAt(0) ?? 0)) return undefined;
    body += `${escapeRegExp(low)}-${escapeRegExp(high)}`;
  }
  return { source: `[${isNegated ? "^" : ""}${body}]`, end: at + 1 };
}
