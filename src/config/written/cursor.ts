import { addFault, type Faults, type Place, type PlacedValue } from "./place.ts";
import type { Path, YamlFile } from "./yaml-file.ts";

/** A value in a file of a foreign format, with its place and a function to fill in variables. */
export interface Cursor {
  readonly value: unknown;
  readonly at: Place;
  /** Place of the value's key. */
  readonly keyAt: Place;
  /** Text of a number or boolean as written in the file. */
  readonly written: string | undefined;
  get(key: string): Cursor;
  /** Entries of a map; empty for any other value. */
  entries(): (readonly [key: string, value: Cursor])[];
  /** Items of a list; empty for any other value. */
  items(): Cursor[];
  /** Fills in the variables of a text. */
  fill(text: string): string;
}

export function cursorOf(yaml: YamlFile, fill: (text: string, at: Place) => string = (text) => text): Cursor {
  const make = (value: unknown, path: Path): Cursor => ({
    value,
    get at() {
      return yaml.place(path);
    },
    get keyAt() {
      return yaml.place(path, "key");
    },
    get written() {
      return yaml.written(path);
    },
    get: (key) => make(isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined, [...path, key]),
    entries: () => (isMap(value) ? Object.entries(value).map(([key, each]) => [key, make(each, [...path, key])]) : []),
    items: () => (Array.isArray(value) ? value.map((each: unknown, index) => make(each, [...path, index])) : []),
    fill: (text) => fill(text, yaml.place(path)),
  });
  return make(yaml.value, []);
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a text; numbers and booleans as written. Undefined: absent, or, with a fault, another kind of value. */
export function readText(cursor: Cursor, what: string, faults: Faults): PlacedValue<string> | undefined {
  const { value } = cursor;
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return { value: cursor.fill(value), at: cursor.at };
  if (typeof value === "number" || typeof value === "boolean") {
    return { value: cursor.written ?? String(value), at: cursor.at };
  }
  addFault(faults, cursor.at, `"${what}" must be text`);
  return undefined;
}

/** Reads a list of texts; a single text counts as a list of one. */
export function readTexts(cursor: Cursor, what: string, faults: Faults): PlacedValue<string>[] {
  if (cursor.value === undefined || cursor.value === null) return [];
  if (isMap(cursor.value)) {
    addFault(faults, cursor.at, `"${what}" must be a list`);
    return [];
  }
  const cursors = Array.isArray(cursor.value) ? cursor.items() : [cursor];
  return cursors.map((each) => readText(each, what, faults)).filter((text) => text !== undefined);
}

/** Reads a map of texts or a list of `name=value`; null: a name without a value. */
export function readTextMap(
  cursor: Cursor,
  what: string,
  faults: Faults,
  separator = "=",
): Record<string, PlacedValue<string | null>> {
  const found: Record<string, PlacedValue<string | null>> = {};
  if (typeof cursor.value === "string" || typeof cursor.value === "number") {
    addFault(faults, cursor.at, `"${what}" must be a map or a list`);
  }
  for (const [name, each] of cursor.entries()) {
    found[name] = readText(each, `${what}.${name}`, faults) ?? { value: null, at: each.keyAt };
  }
  for (const item of readTexts(Array.isArray(cursor.value) ? cursor : { ...cursor, value: undefined }, what, faults)) {
    const end = item.value.indexOf(separator);
    const name = end < 0 ? item.value : item.value.slice(0, end);
    found[name] = { value: end < 0 ? null : item.value.slice(end + 1), at: item.at };
  }
  return found;
}
