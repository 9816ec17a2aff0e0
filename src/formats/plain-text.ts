// Characters that steer a terminal or the order of letters: controls, line ends, and bidirectional marks.
const steering = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Makes text safe to show on one line: control characters, line ends and bidirectional marks become `\n`, `\x1b`, `\u202e`. For file names,
 * commit subjects and all other foreign text.
 */
export function printable(text: string): string {
  return text.replace(steering, escapeCharacter);
}

/** Like `printable`, but keeps line ends. For diffs and for output of programs. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join("\n");
}

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The escape of a character in source code. */
export function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  const hex = code.toString(16);
  return named[character] ?? (code < 256 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`);
}

/** Maps every text in plain data, names of fields included. `field`: the name of the field around the text. */
export function mapTexts<T>(value: T, map: (text: string, field: string) => string): T {
  // Mapping keeps the fields and the kinds of values, so the type stays.
  return mapValue(value, "", map) as T;
}

function mapValue(value: unknown, field: string, map: (text: string, field: string) => string): unknown {
  if (typeof value === "string") return map(value, field);
  if (Array.isArray(value)) return value.map((each: unknown) => mapValue(each, field, map));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [map(key, ""), mapValue(each, key, map)]));
}

/** Renders JSON that cannot steer a terminal: control characters are escaped, the data is the same. `indent` 0: one line. */
export function renderJson(value: unknown, indent = 0): string {
  const steersInJson = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
  const unicode = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, indent).replace(steersInJson, unicode);
}
