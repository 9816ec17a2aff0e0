import { withoutGlob } from "./glob.ts";
import type { ShellNode, ShellWord, WordPart } from "./script.ts";

/** A text of which parts may be unknown: those stand in it as they are written, and are named. */
export interface ShellText {
  readonly text: string;
  readonly unknown: readonly string[];
}

/** What words are filled in from. */
export interface ShellValues {
  readonly variables: ReadonlyMap<string, ShellText>;
  readonly arrays?: ReadonlyMap<string, readonly ShellText[]>;
  /** `$1`, `$2`; undefined: how the script is called is not known. */
  readonly args: readonly ShellText[] | undefined;
  /** The value of a workflow's expression. */
  readonly evaluate: (inside: string, raw: string) => ShellText;
}

export function shellText(text: string): ShellText {
  return { text, unknown: [] };
}

function unknownText(raw: string): ShellText {
  return { text: raw, unknown: [raw] };
}

/** Joins texts; what is unknown in one is unknown in the whole. */
export function joinTexts(texts: readonly ShellText[], separator = ""): ShellText {
  return {
    text: texts.map(({ text }) => text).join(separator),
    unknown: [...new Set(texts.flatMap(({ unknown }) => unknown))],
  };
}

/** The word as one text: nothing is cut at blanks. */
export function expandText(word: ShellWord, values: ShellValues): ShellText {
  return joinTexts(word.parts.map((part) => valueOfPart(part, values)));
}

/** The words that one word becomes: a variable without quotes is cut at blanks, and an empty one is no word. */
export function expandFields(word: ShellWord, values: ShellValues): ShellText[] {
  const done: ShellText[] = [];
  let current: ShellText[] = [];
  let isOpen = false;
  const close = (): void => {
    if (isOpen) done.push(joinTexts(current));
    current = [];
    isOpen = false;
  };
  for (const part of word.parts) {
    const listed = wordsOfPart(part, values);
    if (listed !== undefined) {
      for (const each of listed) {
        current.push(each);
        isOpen = true;
        close();
      }
      continue;
    }
    const value = valueOfPart(part, values);
    const isCut = "isQuoted" in part && !part.isQuoted && value.unknown.length === 0;
    if (!isCut) {
      current.push(value);
      isOpen = true;
      continue;
    }
    const pieces = value.text.split(/\s+/);
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) close();
      if (piece === "") continue;
      current.push(shellText(piece));
      isOpen = true;
    }
  }
  close();
  return done;
}

/** `"$@"` and `"${NAME[@]}"`: a word an item. */
function wordsOfPart(part: WordPart, { args, arrays }: ShellValues): readonly ShellText[] | undefined {
  if (part.kind === "variable" && part.name === "@") return args ?? [unknownText(part.raw)];
  if (part.kind !== "expansion" || !/^\[[@*]\]$/.test(part.operation)) return undefined;
  return arrays?.get(part.name) ?? [unknownText(part.raw)];
}

function valueOfPart(part: WordPart, values: ShellValues): ShellText {
  switch (part.kind) {
    case "text":
      return shellText(part.text);
    case "expression":
      return values.evaluate(part.inside, part.raw);
    case "other":
      return unknownText(part.raw);
    case "variable":
      return valueOfName(part.name, part.raw, values);
    case "expansion":
      return expandOperation(part, values);
    case "substitution":
      return valueOfSubstitution(part.body, values) ?? unknownText(part.raw);
  }
}

function valueOfName(name: string, raw: string, { variables, args }: ShellValues): ShellText {
  if (/^[1-9]\d?$/.test(name)) return args === undefined ? unknownText(raw) : (args[Number(name) - 1] ?? shellText(""));
  if (name === "#") return args === undefined ? unknownText(raw) : shellText(String(args.length));
  if (name === "@" || name === "*") return args === undefined ? unknownText(raw) : joinTexts(args, " ");
  return variables.get(name) ?? unknownText(raw);
}

function expandOperation(part: WordPart & { kind: "expansion" }, values: ShellValues): ShellText {
  const { name, operation, raw } = part;
  const value = valueOfName(name, raw, values);
  const fallback = /^:?[-=](.*)$/s.exec(operation)?.[1];
  if (fallback !== undefined) {
    if (value.unknown.length > 0 || value.text !== "") return value;
    return /[$`]/.test(fallback) ? unknownText(raw) : shellText(fallback.replaceAll(/^["']|["']$/g, ""));
  }
  if (value.unknown.length > 0 || /[$`]/.test(operation)) return unknownText(raw);
  const made = applyOperation(value.text, operation);
  return made === undefined ? unknownText(raw) : shellText(made);
}

/** Of a known value. Undefined: an operation that is not read here. Source: bash, "Shell Parameter Expansion". */
function applyOperation(text: string, operation: string): string | undefined {
  const unquoted = (pattern: string): string => pattern.replaceAll(/["']/g, "");
  const [, cut = "", pattern = ""] = /^(##?|%%?)(.*)$/s.exec(operation) ?? [];
  if (cut !== "")
    return withoutGlob(text, unquoted(pattern), {
      from: cut.startsWith("#") ? "start" : "end",
      isLongest: cut.length === 2,
    });
  const [, offset, length] = /^:(\d*)(?::(\d+))?$/.exec(operation) ?? [];
  if (offset !== undefined)
    return text.slice(Number(offset), length === undefined ? undefined : Number(offset) + Number(length));
  if (operation === ",,") return text.toLowerCase();
  if (operation === "^^") return text.toUpperCase();
  const [, all = "", from = "", to = ""] = /^\/(\/?)([^/*?[\\]+)(?:\/([^/]*))?$/.exec(operation) ?? [];
  if (from === "") return undefined;
  return all === ""
    ? text.replace(unquoted(from), () => unquoted(to))
    : text.replaceAll(unquoted(from), () => unquoted(to));
}

/** `$(echo …)`, and that in lower or upper case by `tr`. Undefined: what another program prints. */
function valueOfSubstitution(body: readonly ShellNode[], values: ShellValues): ShellText | undefined {
  const [node, ...more] = body;
  if (node === undefined || more.length > 0) return undefined;
  const commands = node.kind === "pipeline" ? node.commands : [node];
  const lines = commands.map((each) =>
    each.kind === "command" ? each.words.flatMap((word) => expandFields(word, values)) : [],
  );
  const [echo = [], filter, ...others] = lines;
  if (echo[0]?.text !== "echo" || others.length > 0) return undefined;
  const text = joinTexts(
    echo.slice(1).filter(({ text }) => text !== "-n"),
    " ",
  );
  if (filter === undefined) return text;
  const [program, from, to] = filter.map((each) => each.text);
  const isKnown = program === "tr" && filter.length === 3 && text.unknown.length === 0;
  if (isKnown && upper.has(from ?? "") && lower.has(to ?? "")) return shellText(text.text.toLowerCase());
  if (isKnown && lower.has(from ?? "") && upper.has(to ?? "")) return shellText(text.text.toUpperCase());
  return undefined;
}

const upper: ReadonlySet<string> = new Set(["[:upper:]", "A-Z", "[A-Z]"]);
const lower: ReadonlySet<string> = new Set(["[:lower:]", "a-z", "[a-z]"]);
