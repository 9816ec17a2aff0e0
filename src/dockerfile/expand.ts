import { Lexer, type LexOptions, type Variables } from "./lexer.ts";

export type { Variables } from "./lexer.ts";
export { ExpandError } from "./shell-pattern.ts";

const cooked = { quotes: false, escapes: false, unset: false } as const;

/**
 * Expands variables and removes quotes as BuildKit does for one word: `$X`, `${X}`, `${X:-d}`, `${X-d}`, `${X:+d}`,
 * `${X+d}`, `${X:?m}`, `${X?m}`, `${X#p}`, `${X##p}`, `${X%p}`, `${X%%p}`, `${X/p/r}`, `${X//p/r}`.
 * @throws ExpandError
 */
export function expandWord(word: string, variables: Variables, escape: string): string {
  return new Lexer(word, { escape, variables, raw: cooked }).readUntil(undefined).text;
}

/** A here-document's beginning as a word of its line: `<<EOF`, `<<-"EOF"`, `3<<EOF`. */
export interface HeredocStart {
  readonly name: string;
  /** Tabs at the start of its lines are removed. */
  readonly chomp: boolean;
  /** Variables in it are expanded: its name is not quoted. */
  readonly expand: boolean;
}

const heredocPattern = /^(\d*)<<(-?)[\t\n\f\r ]*([^<]*)$/;
const unset: Variables = () => undefined;

/** The here-document that a word begins, if it begins one. */
export function parseHeredocStart(word: string): HeredocStart | undefined {
  const match = heredocPattern.exec(word);
  const rest = match?.[3] ?? "";
  if (match === null || rest === "") return undefined;
  const words = splitWords(rest, { quotes: false, escapes: false, unset: true });
  const [name] = words;
  if (name === undefined || words.length !== 1) return undefined;
  const [quoted = ""] = splitWords(rest, { quotes: true, escapes: false, unset: true });
  return { name, chomp: match[2] === "-", expand: countQuotes(name) === countQuotes(quoted) };
}

/** The here-documents that a line begins, in order. */
export function heredocsOfLine(line: string): readonly HeredocStart[] {
  let words: readonly string[];
  try {
    words = splitWords(line, { quotes: true, escapes: true, unset: true });
  } catch {
    return [];
  }
  return words.map(parseHeredocStart).filter((start) => start !== undefined);
}

function splitWords(text: string, raw: LexOptions["raw"]): readonly string[] {
  return new Lexer(text, { escape: "\\", variables: unset, raw }).readUntil(undefined).words;
}

function countQuotes(text: string): number {
  return text.replace(/[^'"]/g, "").length;
}
