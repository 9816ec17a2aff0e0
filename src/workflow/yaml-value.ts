import { trimEndOf } from "../formats/trim.ts";
import { parse, stringify } from "yaml";

/** What YAML and JSON have in common. */
export type YamlValue =
  | string
  | number
  | boolean
  | null
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue | undefined };

export type YamlMap = { readonly [key: string]: YamlValue | undefined };

/** A value as lines of block YAML, each indented by `indent` columns. Lists of plain words stand in one line where they fit. */
export function renderYaml(value: YamlMap, indent: number): string[] {
  return Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : renderPair(key, each, indent)));
}

/** `key: value`, or `key:` and what belongs to it. */
export function renderPair(key: string, value: YamlValue, indent: number): string[] {
  const start = `${" ".repeat(indent)}${scalar(key)}:`;
  if (typeof value === "string" && value.includes("\n"))
    return [`${start} |${chomp(value)}`, ...block(value, indent + 2)];
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

/** `- value`. */
function renderItem(value: YamlValue, indent: number): string[] {
  const dash = `${" ".repeat(indent)}- `;
  if (typeof value === "string" && value.includes("\n"))
    return [`${dash}|${chomp(value)}`, ...block(value, indent + 4)];
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

/** A scalar in one line, plain where that reads back as the same value. */
export function scalar(value: string | number | boolean, isInList = false): string {
  if (typeof value !== "string") return String(value);
  const isPlain =
    value !== "" &&
    !/^[\s?:,[\]{}#&*!|>'"%@`-]|:(?:\s|$)|\s#|\s$|[\n\r\t]/.test(value) &&
    !(isInList && /[,[\]{}]/.test(value)) &&
    parsesAsItself(value);
  return isPlain ? value : quoted(value);
}

/** Also false of words that older YAML takes for booleans (`on`, `yes`). */
function parsesAsItself(value: string): boolean {
  if (/^(?:y|n|yes|no|on|off|true|false|null|~)$/i.test(value)) return false;
  try {
    return parse(value) === value && !value.startsWith("---");
  } catch {
    return false;
  }
}

function quoted(value: string): string {
  if (/^[ -&(-~]*$/.test(value) && value.includes('"')) return `'${value}'`;
  return stringify(value, { defaultStringType: "QUOTE_DOUBLE", lineWidth: 0 }).trimEnd();
}

/** The lines of a block scalar. */
function block(value: string, indent: number): string[] {
  const lines = trimEndOf(value, "\n").split("\n");
  return lines.map((line) => (line === "" ? "" : " ".repeat(indent) + line));
}

function chomp(value: string): string {
  const explicit = /^[ \n]/.test(value) ? "2" : "";
  return value.endsWith("\n") ? explicit : `${explicit}-`;
}
