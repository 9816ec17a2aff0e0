// What steers a terminal or the order of letters: control characters, line ends, and marks of direction.
const steering = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Text that stays on one line and cannot steer a terminal: control characters, line ends and bidirectional marks are
 * written as `\n`, `\x1b`, `\u202e`. For file names, commit subjects and everything else that strangers choose.
 */
export function printable(text: string): string {
  return text.replace(steering, escapeCharacter);
}

/** The same for a text whose lines are lines on purpose: a diff, what a program said. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join("\n");
}

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A character as a program's source would write it. */
export function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  const hex = code.toString(16);
  return named[character] ?? (code < 256 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`);
}

/** A value of plain data with each text in it, names of fields included, as `map` makes it; `field`: whose text it is. */
export function mapTexts<T>(value: T, map: (text: string, field: string) => string): T {
  // Same fields, same sorts of values: what the parts are made from is what they were.
  return mapValue(value, "", map) as T;
}

function mapValue(value: unknown, field: string, map: (text: string, field: string) => string): unknown {
  if (typeof value === "string") return map(value, field);
  if (Array.isArray(value)) return value.map((each: unknown) => mapValue(each, field, map));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [map(key, ""), mapValue(each, key, map)]));
}

/** JSON in which nothing steers a terminal that shows it: the same data, with more written as `\u009b`. `indent`: 0 is one line. */
export function renderJson(value: unknown, indent = 0): string {
  const steersInJson = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
  const unicode = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, indent).replace(steersInJson, unicode);
}
