/** A part of a text that another text takes the place of; offsets of the old text. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all edits, which do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, text: added } of edits.toSorted((left, right) => left.start - right.start)) {
    parts.push(text.slice(from, start), added);
    from = end;
  }
  return parts.join("") + text.slice(from);
}
