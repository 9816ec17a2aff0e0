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

/** Longest common subsequence; files are small. Lines in common at both ends are set aside first. */
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
  return hunks.flatMap(([start, end]) => {
    const before = edits.slice(0, start);
    const own = edits.slice(start, end);
    const oldLines = own.filter(({ sign }) => sign !== "+").length;
    const newLines = own.filter(({ sign }) => sign !== "-").length;
    const oldStart = before.filter(({ sign }) => sign !== "+").length + (oldLines === 0 ? 0 : 1);
    const newStart = before.filter(({ sign }) => sign !== "-").length + (newLines === 0 ? 0 : 1);
    return [`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, ...own.map(({ sign, line }) => sign + line)];
  });
}
