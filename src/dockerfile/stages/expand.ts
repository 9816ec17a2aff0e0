import { StepLimitError, Steps } from "../../model/steps.ts";
import { Lexer, type LexOptions, type Variables } from "../syntax/lexer.ts";
import { ExpandError } from "../matching/shell-pattern.ts";

export type { Variables } from "../syntax/lexer.ts";
export { ExpandError } from "../matching/shell-pattern.ts";

const cooked = { quotes: false, escapes: false, unset: false } as const;

/**
 * Expands variables and removes quotes in one word as BuildKit does: `$X`, `${X}`, `${X:-d}`, `${X-d}`, `${X:+d}`, `${X+d}`, `${X:?m}`,
 * `${X?m}`, `${X#p}`, `${X##p}`, `${X%p}`, `${X%%p}`, `${X/p/r}`, `${X//p/r}`. `steps` counts for all words of a file together, because the
 * value of one may be part of the next.
 * @throws ExpandError
 */
export function expandWord(word: string, variables: Variables, escape: string, steps = expansionSteps()): string {
  try {
    return new Lexer(word, { escape, variables, raw: cooked, steps }).readUntil(undefined).text;
  } catch (error) {
    if (!(error instanceof StepLimitError)) throw error;
    throw new ExpandError(`to expand the variables up to here ${error.message}: make their values shorter`);
  }
}

/** Step limit for all words of one file: one step for each character read, produced or matched. */
export function expansionSteps(): Steps {
  return new Steps(4_194_304);
}

/** The start of a here-document as a word of its line: `<<EOF`, `<<-"EOF"`, `3<<EOF`. */
export interface HeredocStart {
  readonly name: string;
  /** Whether leading tabs are removed from its lines. */
  readonly chomp: boolean;
  /** Whether variables in it are expanded, which is so if its name is not quoted. */
  readonly expand: boolean;
}

const heredocPattern = /^\d*<<(-?)([^<]*)$/;
const unset: Variables = () => undefined;

/** The here-document that a word starts; undefined: it starts none. */
export function parseHeredocStart(word: string): HeredocStart | undefined {
  const match = heredocPattern.exec(word);
  const rest = (match?.[2] ?? "").replace(/^[\t\n\f\r ]+/, "");
  if (match === null || rest === "") return undefined;
  const words = splitWords(rest, { quotes: false, escapes: false, unset: true });
  const [name] = words;
  if (name === undefined || words.length !== 1) return undefined;
  const [quoted = ""] = splitWords(rest, { quotes: true, escapes: false, unset: true });
  return { name, chomp: match[1] === "-", expand: countQuotes(name) === countQuotes(quoted) };
}

/** The here-documents that a line starts, in order. */
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
  const steps = new Steps(Number.POSITIVE_INFINITY);
  return new Lexer(text, { escape: "\\", variables: unset, raw, steps }).readUntil(undefined).words;
}

function countQuotes(text: string): number {
  return text.replace(/[^'"]/g, "").length;
}
