import { areEqual } from "../../expressions/compare.ts";
import {
  unknownReasons,
  type Dictionary,
  type Evaluated,
  fold,
  makeObject,
  type Member,
  unknown,
  type Unknown,
} from "../../expressions/evaluated.ts";

/** Values of the `matrix` context for each job of a matrix, or the reasons why they are unknown. */
export type MatrixRows =
  | { readonly kind: "rows"; readonly rows: readonly Dictionary[] }
  | { readonly kind: "unknown"; readonly because: Unknown }
  | { readonly kind: "too many" };

/** Limit of jobs in one matrix. Source: GitHub's "Running variations of jobs in a workflow". */
const mostRows = 256;
/** Limit of combinations before `exclude` removes some. */
const mostCombinations = 1024;

type Row = ReadonlyMap<string, Member>;

/** Returns every combination of a matrix. `matrix` is the evaluated value of `strategy.matrix`. Source: GitHub's "strategy.matrix". */
export function expandMatrix(matrix: Evaluated): MatrixRows {
  if (matrix.kind === "value" && matrix.value === null) return { kind: "rows", rows: [makeObject({})] };
  if (matrix.kind !== "object" || matrix.rest !== undefined) return open(matrix);
  const axes = [...matrix.members.values()].filter(({ name }) => !/^(?:include|exclude)$/i.test(name));
  const included = rowsOf(matrix.members.get("INCLUDE")?.value);
  const excluded = rowsOf(matrix.members.get("EXCLUDE")?.value);
  if (included === undefined || excluded === undefined) return open(matrix);
  if (included.length > mostRows) return { kind: "too many" };
  let rows: Row[] = [new Map()];
  for (const axis of axes) {
    const { name, value } = axis;
    if (value.kind !== "array") return open(value);
    if (rows.length * value.items.length > mostCombinations) return { kind: "too many" };
    rows = rows.flatMap((row) => value.items.map((item) => new Map([...row, [fold(name), { name, value: item }]])));
  }
  const left = rows.filter(
    (row) => !excluded.some((entry) => [...entry].every(([key, member]) => fits(row, key, member))),
  );
  const all = withIncluded(axes.length === 0 ? [] : left, included, new Set(axes.map(({ name }) => fold(name))));
  if (all.length > mostRows) return { kind: "too many" };
  return { kind: "rows", rows: all.map((members) => ({ kind: "object", members, rest: undefined })) };
}

function open(value: Evaluated): MatrixRows {
  const because = unknownReasons(value);
  return { kind: "unknown", because: unknown(because.length > 0 ? because : "a matrix that is no list of values") };
}

/** Reads the entries of `include` or `exclude`. */
function rowsOf(value: Evaluated | undefined): Row[] | undefined {
  if (value === undefined || (value.kind === "value" && value.value === null)) return [];
  if (value.kind !== "array") return undefined;
  const rows = value.items.map((item) =>
    item.kind === "object" && item.rest === undefined ? item.members : undefined,
  );
  return rows.every((row) => row !== undefined) ? rows : undefined;
}

function fits(row: Row, key: string, { value }: Member): boolean {
  const own = row.get(key)?.value;
  return own !== undefined && isSame(own, value);
}

/** Whether two values are equal; lists and objects are compared by their members. Unknown values are not equal. */
function isSame(left: Evaluated, right: Evaluated): boolean {
  if (left.kind === "array" && right.kind === "array") {
    return (
      left.items.length === right.items.length && left.items.every((item, at) => isSame(item, right.items[at] ?? item))
    );
  }
  if (left.kind === "object" && right.kind === "object") {
    // An entry matches an object if all members that the entry names are equal; the object may have more.
    return [...right.members].every(([key, member]) => fits(left.members, key, member));
  }
  return areEqual(left, right) === true;
}

/**
 * Merges each entry of `include` into every combination whose axes it does not change; if there is none, the entry becomes a combination of its own.
 */
function withIncluded(rows: readonly Row[], included: readonly Row[], axes: ReadonlySet<string>): Row[] {
  const joined = rows.map((row) => new Map(row));
  const own: Row[] = [];
  for (const entry of included) {
    const hosts = joined.filter((row) => [...entry].every(([key, member]) => !axes.has(key) || fits(row, key, member)));
    if (hosts.length === 0) own.push(entry);
    for (const host of hosts) for (const [key, member] of entry) host.set(key, member);
  }
  return [...joined, ...own];
}
