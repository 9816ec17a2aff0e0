/** A unified diff of two texts; null: there is no such file. Empty when they are the same. */
export function unifiedDiff(file: string, before: string | null, after: string | null): string {
  if (before === after) return "";
  const edits = diffLines(linesOf(before ?? ""), linesOf(after ?? ""));
  const head = [
    `--- ${before === null ? "/dev/null" : `a/${file}`}`,
    `+++ ${after === null ? "/dev/null" : `b/${file}`}`,
  ];
  return `${[...head, ...hunksOf(edits)].join("\n")}\n`;
}

interface Edit {
  readonly sign: " " | "-" | "+";
  readonly line: string;
}

const around = 3;

function linesOf(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  else lines[lines.length - 1] += "\n\\ No newline at end of file";
  return lines;
}

/** Two texts of 2,000 lines that have neither beginning nor end in common. */
const mostComparisons = 4_000_000;

/** Longest common subsequence. Lines in common at both ends are set aside first; of much that is left the old goes and the new comes. */
function diffLines(before: readonly string[], after: readonly string[]): Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1;
  const same = (lines: readonly string[]): Edit[] => lines.map((line) => ({ sign: " ", line }));
  const middle = diffMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...same(before.slice(0, start)), ...middle, ...same(before.slice(before.length - end))];
}

function diffMiddle(before: readonly string[], after: readonly string[]): Edit[] {
  if (before.length * after.length > mostComparisons) {
    const gone = before.map((line): Edit => ({ sign: "-", line }));
    return [...gone, ...after.map((line): Edit => ({ sign: "+", line }))];
  }
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const isSame = before[row] === after[column];
      lengths[row * width + column] = isSame
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const edits: Edit[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const old = before[row];
    const now = after[column];
    if (old !== undefined && old === now) {
      edits.push({ sign: " ", line: old });
      row += 1;
      column += 1;
    } else if (old !== undefined && (now === undefined || at(row + 1, column) >= at(row, column + 1))) {
      edits.push({ sign: "-", line: old });
      row += 1;
    } else if (now !== undefined) {
      edits.push({ sign: "+", line: now });
      column += 1;
    }
  }
  return edits;
}

function hunksOf(edits: readonly Edit[]): string[] {
  const changed = edits.flatMap(({ sign }, index) => (sign === " " ? [] : [index]));
  const hunks: [start: number, end: number][] = [];
  for (const index of changed) {
    const last = hunks.at(-1);
    const start = Math.max(0, index - around);
    const end = Math.min(edits.length, index + around + 1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else hunks.push([start, end]);
  }
  let seen = 0;
  let oldSeen = 0;
  let newSeen = 0;
  return hunks.flatMap(([start, end]) => {
    const between = edits.slice(seen, start);
    const own = edits.slice(start, end);
    const [oldLines, newLines] = [countOf(own, "+"), countOf(own, "-")];
    oldSeen += countOf(between, "+");
    newSeen += countOf(between, "-");
    const [oldStart, newStart] = [oldSeen + (oldLines === 0 ? 0 : 1), newSeen + (newLines === 0 ? 0 : 1)];
    oldSeen += oldLines;
    newSeen += newLines;
    seen = end;
    return [`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, ...own.map(({ sign, line }) => sign + line)];
  });
}

/** Edits without those of a sign: lines of the old text are all but the added ones. */
function countOf(edits: readonly Edit[], without: "-" | "+"): number {
  return edits.filter(({ sign }) => sign !== without).length;
}
