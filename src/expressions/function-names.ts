/** Smallest and largest number of arguments of each GitHub function, by lower-case name. Source: GitHub's runner, `ExpressionConstants`. */
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

/** Returns the smallest and largest number of a function's arguments; undefined: GitHub has no such function. */
export function argumentCounts(name: string): readonly [least: number, most: number] | undefined {
  return counts.get(name.toLowerCase());
}

/** Functions that read the status of the run. GitHub adds no `success()` to a condition that calls one of them. */
export const statusFunctions: ReadonlySet<string> = new Set(["always", "cancelled", "failure", "success"]);
