import { asList, parseJson } from "../../formats/json.ts";
import { codePoints, isSpace, trimLeadingSpace, trimSpace } from "./go-text.ts";

/** The parts of an instruction's line, such as `RUN --mount=type=bind make`. */
export interface SplitLine {
  readonly keyword: string;
  readonly flags: readonly string[];
  readonly args: string;
}

const blanks = /[\t\v\f\r ]+/;

/** Splits a logical line into keyword, flags (`--name=value`, quotes removed) and arguments. */
export function splitLine(line: string, escape: string): SplitLine {
  const trimmed = trimSpace(line);
  const blank = blanks.exec(trimmed);
  if (blank === null) return { keyword: trimmed, flags: [], args: "" };
  const { flags, rest } = splitFlags(trimmed.slice(blank.index + blank[0].length), escape);
  return { keyword: trimmed.slice(0, blank.index), flags, args: trimSpace(rest) };
}

/**
 * Splits the flags from the rest of the line. Like BuildKit, decodes flags byte by byte as Latin-1, so that `--exclude=é` excludes `Ã©`;
 * the rest of the line is unchanged.
 */
function splitFlags(text: string, escape: string): { flags: string[]; rest: string } {
  const bytes = Buffer.from(text, "utf8").toString("latin1");
  const flags: string[] = [];
  let at = 0;
  const restFrom = (position: number): string => Buffer.from(bytes.slice(position), "latin1").toString("utf8");
  for (;;) {
    while (at < bytes.length && isSpace(bytes.charAt(at))) at++;
    if (at >= bytes.length) return { flags, rest: "" };
    if (!bytes.startsWith("--", at)) return { flags, rest: restFrom(at) };
    const word = readFlag(bytes, at, escape);
    at = word.end;
    if (word.text === "--") return { flags, rest: restFrom(at) };
    flags.push(word.text);
  }
}

function readFlag(bytes: string, start: number, escape: string): { text: string; end: number } {
  let text = "";
  let quote = "";
  let at = start;
  for (; at < bytes.length; at++) {
    const character = bytes.charAt(at);
    if (quote === "" && isSpace(character)) break;
    if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
    } else if (character === quote) {
      quote = "";
    } else if (character === escape) {
      at++;
      text += bytes.charAt(at);
    } else {
      text += character;
    }
  }
  return { text, end: at };
}

/** Splits at blanks and ignores quotes, as `COPY` and `FROM` do. */
export function splitBlanks(args: string): readonly string[] {
  return args === "" ? [] : args.split(blanks);
}

/** Splits into words and keeps quotes and escapes, as `ENV`, `LABEL` and `ARG` do. */
export function splitQuoted(args: string, escape: string): readonly string[] {
  const characters = codePoints(args);
  const words: string[] = [];
  let word = "";
  let isWord = false;
  let quote = "";
  const finish = (): void => {
    if (isWord) words.push(word);
    word = "";
    isWord = false;
  };
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (quote === "" && isSpace(character)) {
      finish();
      continue;
    }
    if (character === escape && quote !== "'") {
      const escaped = characters[at + 1];
      if (escaped === undefined) continue;
      at++;
      word += character + escaped;
    } else {
      if (quote === "" && (character === "'" || character === '"')) quote = character;
      else if (character === quote) quote = "";
      word += character;
    }
    isWord = true;
  }
  finish();
  return words;
}

/** `strings`: a JSON array of strings. `other`: a JSON array with other values, which is a fault. Undefined: not JSON. */
export type JsonForm = { readonly kind: "strings"; readonly strings: readonly string[] } | { readonly kind: "other" };

export function parseJsonForm(args: string): JsonForm | undefined {
  const text = trimLeadingSpace(args);
  if (!text.startsWith("[")) return undefined;
  const value = asList(parseJson(text));
  if (value === undefined) return undefined;
  const strings = value.filter((item) => typeof item === "string");
  return strings.length === value.length ? { kind: "strings", strings } : { kind: "other" };
}
