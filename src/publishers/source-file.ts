import { isMap, isNode, isPair, isScalar, LineCounter, type Document, type Scalar } from "yaml";
import { type YamlMap, type YamlValue, asMap } from "../formats/yaml-data.ts";
import { readYamlText } from "../formats/yaml-document.ts";
import type { SourcePlace } from "./publisher.ts";

export type YamlPath = readonly (string | number)[];

/** Parsed workflow or action, with the places of its values. */
export interface SourceFile {
  readonly file: string;
  readonly value: YamlMap;
  readonly text: string;
  /** Place of the value's key, or of the value itself if it has no key; for a missing value, of the nearest existing one around it. */
  readonly placeOf: (path: YamlPath) => SourcePlace;
  /** Place of a character in the text of the scalar at this path. */
  readonly placeIn: (path: YamlPath, offset: number) => SourcePlace;
}

/** Parses a file; undefined: it is not YAML, or its root is not a map. */
export function parseSource(file: string, written: string): SourceFile | undefined {
  const text = written.replaceAll("\r\n", "\n");
  const lines = new LineCounter();
  const read = readYamlText(text, lines);
  if (read === undefined || !isMap(read.document.contents)) return undefined;
  const { document } = read;
  const placeAt = (offset: number): SourcePlace => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: Math.max(col, 1) };
  };
  return {
    file,
    text,
    value: asMap(read.value as YamlValue),
    placeOf: (path) => placeAt(startOf(document, path)),
    placeIn: (path, offset) => {
      const node = document.getIn(path, true);
      return isScalar(node) ? placeAt(offsetIn(text, node, offset)) : placeAt(startOf(document, path));
    },
  };
}

function startOf(document: Document, path: YamlPath): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent)
      ? parent.items.find((each) => isScalar(each.key) && String(each.key.value) === String(key))
      : undefined;
    const node = isPair(pair) ? pair.key : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range !== null && node.range !== undefined) return node.range[0];
  }
  return 0;
}

/**
 * Maps an offset in a scalar's value to one in the file. In a literal block every line of the value is an indented line of the file; for other
 * scalars, the start of the scalar is returned.
 */
function offsetIn(text: string, node: Scalar, offset: number): number {
  const start = node.range?.[0] ?? 0;
  if (node.type !== "BLOCK_LITERAL") return start;
  const value = String(node.value).slice(0, offset).split("\n");
  let at = text.indexOf("\n", start) + 1;
  for (let line = 1; line < value.length; line += 1) at = text.indexOf("\n", at) + 1;
  const indent = /^[ ]*/.exec(text.slice(at, at + 200))?.[0].length ?? 0;
  const own = value.at(-1) ?? "";
  const blanks = /^[ ]*/.exec(own)?.[0].length ?? 0;
  // The block's own indentation is in the file and not in the value.
  return own.trim() === "" ? at + indent : at + indent - blanks + own.length;
}
