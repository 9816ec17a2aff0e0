/** How many arguments each of GitHub's functions takes, by lower-case name. Source: GitHub's runner, `ExpressionConstants`. */
const counts: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ["always", [0, 0]],
  ["cancelled", [0, 0]],
  ["case", [3, Infinity]],
  ["contains", [2, 2]],
  ["endswith", [2, 2]],
  ["failure", [0, Infinity]],
  ["format", [1, 255]],
  ["fromjson", [1, 1]],
  ["hashfiles", [1, 255]],
  ["join", [1, 2]],
  ["startswith", [2, 2]],
  ["success", [0, Infinity]],
  ["tojson", [1, 1]],
]);

/** The least and the most arguments of a function; undefined: GitHub has none of that name. */
export function argumentCounts(name: string): readonly [least: number, most: number] | undefined {
  return counts.get(name.toLowerCase());
}

/** Functions that ask how the run goes: a condition that calls one of them has no `success()` before it. */
export const statusFunctions: ReadonlySet<string> = new Set(["always", "cancelled", "failure", "success"]);
