import { readNumber } from "./numbers.ts";
import type { Comparison, Scalar } from "./expression.ts";

/** Token with its index in the text. */
export type Token =
  | { readonly kind: "literal"; readonly value: Scalar; readonly at: number }
  | { readonly kind: "name"; readonly text: string; readonly at: number }
  | { readonly kind: "compare"; readonly operator: Comparison; readonly at: number }
  | { readonly kind: "sign"; readonly text: Sign; readonly at: number };

/** Signs that are not comparisons. */
export type Sign = "(" | ")" | "[" | "]" | "," | "." | "*" | "!" | "&&" | "||";

/** Fault of a text that is not an expression, with its index in the text. */
export class ExpressionFault extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const signs: readonly Sign[] = ["(", ")", "[", "]", ",", "*", "!", "&&", "||"];
const comparisons: readonly Comparison[] = ["==", "!=", "<=", ">=", "<", ">"];
const keywords: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["NaN", NaN],
  ["Infinity", Infinity],
]);

/** Splits an expression into tokens. Source: GitHub's runner, `LexicalAnalyzer`. Throws an ExpressionFault. */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  const space = /\s*/y;
  const word = /[^\s()[\],.!<>=&|]*/y;
  const take = (pattern: RegExp, at: number): string => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? "";
  };
  let at = 0;
  for (;;) {
    at += take(space, at).length;
    if (at >= text.length) return tokens;
    const token = readString(text, at) ?? readSign(text, at, tokens.at(-1));
    if (token !== undefined) {
      tokens.push(token.token);
      at = token.end;
      continue;
    }
    const isNumber = /[-+.0-9]/.test(text.charAt(at));
    // A number may contain a point; a name ends at it.
    const found = isNumber ? take(/[^\s()[\],!<>=&|]*/y, at) : take(word, at);
    if (found === "") throw new ExpressionFault(`"${text.charAt(at)}" is no part of an expression`, at);
    tokens.push(isNumber ? numberToken(found, at) : nameToken(found, at, tokens.at(-1)));
    at += found.length;
  }
}

interface Found {
  readonly token: Token;
  readonly end: number;
}

function readString(text: string, at: number): Found | undefined {
  if (text.charAt(at) !== "'") return undefined;
  const end = closingQuote(text, at);
  if (end < 0) throw new ExpressionFault("a text begins with ' and does not end; close it with '", at);
  return { token: { kind: "literal", value: text.slice(at + 1, end).replaceAll("''", "'"), at }, end: end + 1 };
}

/** Returns the index of the quote that closes a text; -1: there is none. A doubled quote inside stands for one quote. */
export function closingQuote(text: string, at: number): number {
  for (let end = text.indexOf("'", at + 1); end >= 0; end = text.indexOf("'", end + 2)) {
    if (text.charAt(end + 1) !== "'") return end;
  }
  return -1;
}

function readSign(text: string, at: number, before: Token | undefined): Found | undefined {
  const comparison = comparisons.find((each) => text.startsWith(each, at));
  if (comparison !== undefined) {
    return { token: { kind: "compare", operator: comparison, at }, end: at + comparison.length };
  }
  const sign = signs.find((each) => text.startsWith(each, at));
  if (sign !== undefined) return { token: { kind: "sign", text: sign, at }, end: at + sign.length };
  if (text.charAt(at) === "." && canBeIndexed(before)) {
    return { token: { kind: "sign", text: ".", at }, end: at + 1 };
  }
  return undefined;
}

/** Whether a point after this token selects a member; else it begins a number. */
function canBeIndexed(token: Token | undefined): boolean {
  if (token === undefined) return false;
  return token.kind === "name" || (token.kind === "sign" && [")", "]", "*"].includes(token.text));
}

function numberToken(text: string, at: number): Token {
  const value = readNumber(text);
  if (Number.isNaN(value)) throw new ExpressionFault(`"${text}" is no number`, at);
  return { kind: "literal", value, at };
}

function nameToken(text: string, at: number, before: Token | undefined): Token {
  const isMember = before?.kind === "sign" && before.text === ".";
  const value = isMember ? undefined : keywords.get(text);
  if (value !== undefined) return { kind: "literal", value, at };
  if (!/^[a-z_][a-z0-9_-]*$/i.test(text)) throw new ExpressionFault(`"${text}" is no name`, at);
  return { kind: "name", text, at };
}
