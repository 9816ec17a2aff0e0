import { structuredPatch, type StructuredPatchHunk } from "diff";

/** Makes a unified diff of two texts; null: the file does not exist. Empty: the texts are equal. */
export function unifiedDiff(file: string, before: string | null, after: string | null): string {
  if (before === after) return "";
  const head = [
    `--- ${before === null ? "/dev/null" : `a/${file}`}`,
    `+++ ${after === null ? "/dev/null" : `b/${file}`}`,
  ];
  const hunks = findHunks(before ?? "", after ?? "");
  return `${[...head, ...hunks.flatMap(renderHunk)].join("\n")}\n`;
}

const context = 3;
/** Limit of edits. The time of the search is quadratic: a fifth of a second for this number. */
const mostEdits = 1000;

function findHunks(before: string, after: string): readonly StructuredPatchHunk[] {
  const patch = structuredPatch("", "", before, after, undefined, undefined, { context, maxEditLength: mostEdits });
  return patch?.hunks ?? [replaceMiddle(before, after)];
}

/** Replaces all lines between the common start and end. Used if the texts have little in common. */
function replaceMiddle(before: string, after: string): StructuredPatchHunk {
  const [old, now] = [linesOf(before), linesOf(after)];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < shorter - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const from = Math.max(0, start - context);
  const left = Math.max(0, end - context);
  const signed = (sign: string, lines: readonly string[]): string[] =>
    lines.flatMap((line) => {
      const [text = "", ...marks] = line.split("\n");
      return [`${sign}${text}`, ...marks];
    });
  return {
    oldStart: from + 1,
    oldLines: old.length - left - from,
    newStart: from + 1,
    newLines: now.length - left - from,
    lines: [
      ...signed(" ", old.slice(from, start)),
      ...signed("-", old.slice(start, old.length - end)),
      ...signed("+", now.slice(start, now.length - end)),
      ...signed(" ", old.slice(old.length - end, old.length - left)),
    ],
  };
}

/** Splits a text into lines; a last line without line end gets git's mark. */
function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  else lines[lines.length - 1] += "\n\\ No newline at end of file";
  return lines;
}

/** Renders a hunk. An empty range begins at the line before it. Source: POSIX, diff -u. */
function renderHunk({ oldStart, oldLines, newStart, newLines, lines }: StructuredPatchHunk): string[] {
  const [from, to] = [oldLines === 0 ? oldStart - 1 : oldStart, newLines === 0 ? newStart - 1 : newStart];
  return [`@@ -${from},${oldLines} +${to},${newLines} @@`, ...lines];
}
