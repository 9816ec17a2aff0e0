import { isMap, isNode, isPair, isScalar, LineCounter, type Document, type Scalar } from "yaml";
import { type YamlMap, type YamlValue, asMap } from "../formats/yaml-data.ts";
import { readYamlText } from "../formats/yaml-document.ts";
import type { SourcePlace } from "./publisher.ts";

export type YamlPath = readonly (string | number)[];

/** A workflow or an action, with the places of its values. */
export interface SourceFile {
  readonly file: string;
  readonly value: YamlMap;
  readonly text: string;
  /** Of the value's key where it has one, else of the value; of the nearest one around it where there is none. */
  readonly placeOf: (path: YamlPath) => SourcePlace;
  /** Of a place in a text that stands as a scalar at this path. */
  readonly placeIn: (path: YamlPath, offset: number) => SourcePlace;
}

/** Parses a file; undefined: it is no YAML, or no map. */
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

/** In a literal block each line of the value is a line of the file, indented; in another scalar its beginning has to do. */
function offsetIn(text: string, node: Scalar, offset: number): number {
  const start = node.range?.[0] ?? 0;
  if (node.type !== "BLOCK_LITERAL") return start;
  const value = String(node.value).slice(0, offset).split("\n");
  let at = text.indexOf("\n", start) + 1;
  for (let line = 1; line < value.length; line += 1) at = text.indexOf("\n", at) + 1;
  const indent = /^[ ]*/.exec(text.slice(at, at + 200))?.[0].length ?? 0;
  const own = value.at(-1) ?? "";
  const blanks = /^[ ]*/.exec(own)?.[0].length ?? 0;
  // What the block's own indentation takes away is not in the value.
  return own.trim() === "" ? at + indent : at + indent - blanks + own.length;
}
