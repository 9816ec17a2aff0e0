/** Replacement of a part of a text; offsets are those of the old text. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies edits to a text; they must not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, text: added } of edits.toSorted((left, right) => left.start - right.start)) {
    parts.push(text.slice(from, start), added);
    from = end;
  }
  return parts.join("") + text.slice(from);
}
