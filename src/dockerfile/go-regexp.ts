import { codePoints, escapeRegExp } from "./go-text.ts";

/**
 * A regular expression of Go's, as far as patterns of ignore files lead to one, as JavaScript's. Undefined: Go refuses it,
 * or it has a letter escape (`\\p`, `\\x`, `\\Q`) that is not supported here.
 */
export function translateGoRegexp(source: string): RegExp | undefined {
  const characters = codePoints(source);
  let translated = "";
  let at = 0;
  while (at < characters.length) {
    const character = characters[at] ?? "";
    if (character === "\\" || character === "[") {
      const token = character === "[" ? readClass(characters, at + 1) : readEscape(characters, at + 1);
      if (token === undefined) return undefined;
      translated += token.source;
      at = token.end;
      continue;
    }
    translated += translateOne(characters, at);
    at++;
  }
  try {
    return new RegExp(translated, "u");
  } catch {
    return undefined;
  }
}

/** Braces that are no repetition, as in `*.{js,ts}`, are characters. */
function translateOne(characters: readonly string[], at: number): string {
  const character = characters[at] ?? "";
  if ("^$|()*?+".includes(character)) return character;
  if (character === ".") return "[^\\n]";
  const isRepetition =
    (character === "{" && /^\{\d+(?:,\d*)?\}/.test(characters.slice(at).join(""))) ||
    (character === "}" && /\{\d+(?:,\d*)?$/.test(characters.slice(0, at).join(""))) ||
    (character === "," && /\{\d+$/.test(characters.slice(0, at).join("")));
  return isRepetition ? character : escapeRegExp(character);
}

interface Token {
  readonly source: string;
  readonly end: number;
}

/** Escapes with a meaning of their own; punctuation stands for itself. */
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
