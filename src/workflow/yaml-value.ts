import { stringify } from "yaml";
import type { YamlMap, YamlValue } from "../formats/yaml-data.ts";

/** Renders a value as lines of block YAML, each indented by `indent` columns. Lists of plain words are written on one line if they fit. */
export function renderYaml(value: YamlMap, indent: number): string[] {
  return Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : renderPair(key, each, indent)));
}

/** Renders `key: value`, or `key:` followed by the lines of the value. */
export function renderPair(key: string, value: YamlValue, indent: number): string[] {
  const start = `${" ".repeat(indent)}${scalar(key)}:`;
  if (typeof value === "string" && value.includes("\n")) {
    const [indicator, ...lines] = blockOf(value, indent + 2);
    return [`${start} ${indicator}`, ...lines];
  }
  if (value === null) return [start];
  if (typeof value !== "object") return [`${start} ${scalar(value)}`];
  if (Array.isArray(value)) {
    const inline = inlineList(value);
    if (inline !== undefined && start.length + inline.length < 110) return [`${start} ${inline}`];
    return [start, ...value.flatMap((each: YamlValue) => renderItem(each, indent + 2))];
  }
  const lines = renderYaml(value as YamlMap, indent + 2);
  return lines.length === 0 ? [`${start} {}`] : [start, ...lines];
}

/** Renders an item of a list: `- value`. */
function renderItem(value: YamlValue, indent: number): string[] {
  const dash = `${" ".repeat(indent)}- `;
  if (typeof value === "string" && value.includes("\n")) {
    const [indicator, ...lines] = blockOf(value, indent + 2);
    return [`${dash}${indicator}`, ...lines];
  }
  if (value === null || typeof value !== "object") return [`${dash}${value === null ? "null" : scalar(value)}`];
  if (Array.isArray(value)) return [`${dash}${inlineList(value) ?? JSON.stringify(value)}`];
  const lines = renderYaml(value as YamlMap, indent + 2);
  return lines.length === 0 ? [`${dash}{}`] : [dash + (lines[0] ?? "").trimStart(), ...lines.slice(1)];
}

function inlineList(values: readonly YamlValue[]): string | undefined {
  if (values.length === 0) return "[]";
  const words = values.map((each) =>
    each === null || typeof each === "object" || (typeof each === "string" && each.includes("\n"))
      ? undefined
      : scalar(each, true),
  );
  return words.includes(undefined) ? undefined : `[${words.join(", ")}]`;
}

/** Renders a scalar on one line: plain if both YAML 1.1 (`on`, `yes`) and 1.2 (`0o14`) parse it to the same text, else quoted. */
export function scalar(value: string | number | boolean, isInList = false): string {
  if (typeof value !== "string") return String(value);
  // The writer quotes a single dot as if it were a number of YAML 1.1; parsers read it as text.
  if (value === ".") return value;
  const isPlain = (["1.1", "1.2"] as const).every((version) => {
    const written = isInList
      ? stringify([value], { version, lineWidth: 0, collectionStyle: "flow", flowCollectionPadding: false })
      : stringify(value, { version, lineWidth: 0 });
    return written === (isInList ? `[${value}]\n` : `${value}\n`);
  });
  return isPlain ? value : quoted(value);
}

function quoted(value: string): string {
  const isSingle = /^[ -&(-~]*$/.test(value) && value.includes('"');
  return stringify(value, { defaultStringType: isSingle ? "QUOTE_SINGLE" : "QUOTE_DOUBLE", ...inOneLine }).trimEnd();
}

const inOneLine = { lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity } as const;

/** Returns the lines of a block scalar: the indicator (`|`, `|-`, `|2+`), then the text, indented by `indent`. */
function blockOf(value: string, indent: number): [indicator: string, ...lines: string[]] {
  const text = stringify({ x: value }, { defaultStringType: "BLOCK_LITERAL", defaultKeyType: "PLAIN", ...inOneLine });
  const [first = "", ...rest] = text.slice(0, -1).split("\n");
  return [first.slice("x: ".length), ...rest.map((line) => (line === "" ? "" : " ".repeat(indent - 2) + line))];
}
