import { Steps } from "../../model/steps.ts";
import { interpolateAt, interpolationSteps, type Lookup } from "./interpolate.ts";

/**
 * Reads a `.env` file as Compose does: quotes, `export`, comments, variables of the file and of `lookup`, which wins.
 * @throws SlipwayError `configuration` where the values take too long to make
 */
export function parseEnvFile(
  file: string,
  text: string,
  lookup: Lookup,
  steps: Steps = interpolationSteps(),
): Map<string, string> {
  const values = new Map<string, string>();
  const known: Lookup = (name) => lookup(name) ?? values.get(name);
  const content = text.replace(/^\uFEFF/, "");
  let line = 1;
  for (let at = 0; at < content.length;) {
    const entry = readEntry(content, at);
    if (entry !== undefined) {
      const place = { file, line, column: 1 };
      values.set(entry.name, entry.isFilled ? interpolateAt(place, entry.value, known, steps).text : entry.value);
    }
    const end = content.indexOf("\n", entry?.end ?? at);
    const next = end < 0 ? content.length : end + 1;
    for (
      let newline = content.indexOf("\n", at);
      newline >= 0 && newline < next;
      newline = content.indexOf("\n", newline + 1)
    ) {
      line += 1;
    }
    at = next;
  }
  return values;
}

interface Entry {
  readonly name: string;
  readonly value: string;
  /** Variables in it are filled in. */
  readonly isFilled: boolean;
  readonly end: number;
}

const headPattern = /[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*/y;

/** Reads the entry at the start of a line; undefined: a comment or an empty line. */
function readEntry(content: string, start: number): Entry | undefined {
  headPattern.lastIndex = start;
  const head = headPattern.exec(content);
  if (head === null) return undefined;
  const [whole, name = ""] = head;
  const at = start + whole.length;
  const quote = content[at];
  const close = quote === "'" || quote === '"' ? closingQuote(content, at) : undefined;
  if (close === undefined) {
    const end = endOfLine(content, at);
    return { name, value: withoutComment(content.slice(at, end)).trim(), isFilled: true, end };
  }
  const inside = content.slice(at + 1, close);
  const isSingle = quote === "'";
  const value = isSingle ? inside.replaceAll("\\'", "'") : unescape(inside);
  return { name, value, isFilled: !isSingle, end: close };
}

/** Finds the closing quote; undefined: there is none, so the quote belongs to the value. */
function closingQuote(content: string, open: number): number | undefined {
  for (let at = open + 1; at < content.length; at += 1) {
    if (content[at] === "\\") at += 1;
    else if (content[at] === content[open]) return at;
  }
  return undefined;
}

function endOfLine(content: string, start: number): number {
  let end = start;
  while (end < content.length && content[end] !== "\n" && content[end] !== "\r") end += 1;
  return end;
}

function withoutComment(value: string): string {
  for (let at = value.indexOf("#"); at >= 0; at = value.indexOf("#", at + 1)) {
    if (at === 0 || /\s/.test(value.charAt(at - 1))) return value.slice(0, at);
  }
  return value;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", $: "$$" };

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_whole, character: string) => escapes[character] ?? character);
}
