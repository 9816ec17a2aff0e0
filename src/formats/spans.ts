/*
 * Parts of a text between an opening and a closing text, such as `${{` and `}}`, found in time that grows with the text. An expression such
 * as `/\{\{.*?\}\}/` does not: where nothing closes, it looks through the rest of the text from each opening.
 */

/** Opening text and the text that closes it. */
export type Delimiters = readonly [open: string, close: string];

/** One part with its delimiters, from `start` to before `end`, as indices of the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** Text between the delimiters. */
  readonly inside: string;
}

/** Delimiters of GitHub's expressions. */
export const expressionDelimiters: Delimiters = ["${{", "}}"];

/**
 * Finds the parts from left to right. Each ends at the first closing text; if several delimiters open at one place, the first of the list is used. A
 * part that is not closed is left out.
 */
export function findSpans(text: string, kinds: readonly Delimiters[]): Span[] {
  const spans: Span[] = [];
  const openings = kinds.map((delimiters) => ({ delimiters, at: text.indexOf(delimiters[0]) }));
  let from = 0;
  for (;;) {
    for (const opening of openings) {
      if (opening.at >= 0 && opening.at < from) opening.at = text.indexOf(opening.delimiters[0], from);
    }
    const first = openings
      .filter(({ at }) => at >= 0)
      .reduce<(typeof openings)[number] | undefined>(earlier, undefined);
    if (first === undefined) return spans;
    const { at, delimiters } = first;
    const [open, close] = delimiters;
    const end = text.indexOf(close, at + open.length);
    if (end < 0) {
      // If nothing closes this part, nothing closes later ones of the same delimiters either.
      first.at = -1;
      continue;
    }
    from = end + close.length;
    spans.push({ start: at, end: from, inside: text.slice(at + open.length, end) });
  }
}

function earlier<T extends { readonly at: number }>(left: T | undefined, right: T): T {
  return left === undefined || right.at < left.at ? right : left;
}

/** Replaces each part; `whole` is the part with its delimiters. */
export function replaceSpans(
  text: string,
  kinds: readonly Delimiters[],
  replace: (inside: string, whole: string) => string,
): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, inside } of findSpans(text, kinds)) {
    parts.push(text.slice(from, start), replace(inside, text.slice(start, end)));
    from = end;
  }
  return parts.join("") + text.slice(from);
}

/** Replaces each character of such a part by `x`, so that separators inside it do not count and indices stay valid. */
export function maskSpans(text: string, kinds: readonly Delimiters[]): string {
  return replaceSpans(text, kinds, (_, whole) => "x".repeat(whole.length));
}
