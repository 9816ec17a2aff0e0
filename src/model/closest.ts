/** Bounds of the comparison, whose cost is the product of the lengths for each name. Longer names and longer lists give no suggestion. */
const longestName = 200;
const mostNames = 1000;

/** The known name with the fewest edits from `typed`; undefined when none is near enough. Case does not count. */
export function closestName(typed: string, known: Iterable<string>): string | undefined {
  let best: { name: string; edits: number } | undefined;
  if (typed.length > longestName) return undefined;
  let compared = 0;
  for (const name of known) {
    if (name.length > longestName) continue;
    compared += 1;
    if (compared > mostNames) break;
    const edits = countEdits(typed.toLowerCase(), name.toLowerCase());
    if (best === undefined || edits < best.edits) best = { name, edits };
  }
  if (best === undefined) return undefined;
  const limit = Math.max(1, Math.floor(Math.max(typed.length, best.name.length) / 3));
  return best.edits <= limit ? best.name : undefined;
}

/** `, did you mean "x"?` for the end of a message, or nothing. */
export function didYouMean(typed: string, known: Iterable<string>): string {
  const closest = closestName(typed, known);
  return closest === undefined ? "" : `, did you mean "${closest}"?`;
}

/** Insertions, removals, replacements, and swaps of neighbours (optimal string alignment). */
function countEdits(from: string, to: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = isSwap ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped));
    }
    before = previous;
    previous = row;
  }
  return previous[to.length] ?? 0;
}
