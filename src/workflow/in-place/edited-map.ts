import { type Document, isNode, isScalar, type Pair, type YAMLMap } from "yaml";
import type { YamlMap } from "../../formats/yaml-data.ts";
import type { TextEdit } from "./text-edits.ts";

/** Step or job that is edited: its node, and its value with the changes made so far. */
export interface EditedMap {
  readonly text: string;
  readonly document: Document;
  readonly step: YAMLMap;
  readonly value: YamlMap;
}

/** Edit of the text, and the values that replace the value in the document. */
export interface MadeEdit {
  readonly edit: TextEdit;
  readonly value: readonly YamlMap[];
}

export function pairOf(step: YAMLMap, name: string): Pair | undefined {
  return step.items.find(({ key }) => isScalar(key) && key.value === name);
}

export function isInFlow(step: YAMLMap): boolean {
  return step.flow === true;
}

/** Returns the line end that a text uses. */
export function lineEndOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/**
 * Returns the offset at which the line of a map's pair ends, so that a line can be inserted below it; undefined: its value goes on in the next line, or
 * another pair stands on the same one.
 */
export function endOfLine(text: string, { items }: YAMLMap, index: number): number | undefined {
  const [pair, next] = [items[index], items[index + 1]];
  const key = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  if (key === undefined) return undefined;
  const found = text.slice(key).search(/\r?\n/);
  const end = found < 0 ? text.length : key + found;
  const value = isNode(pair?.value) ? (pair.value.range?.[1] ?? key) : key;
  const after = isScalar(next?.key) ? (next.key.range?.[0] ?? text.length) : text.length;
  return value <= end && end <= after ? end : undefined;
}
