import { isMap, isScalar, isSeq, Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import type { YamlValue } from "../formats/yaml-data.ts";
import { byKey } from "../model/order.ts";
import { readYamlText, type YamlText } from "../formats/yaml-document.ts";
import { endOfLine, isInFlow, lineEndOf, pairOf } from "../workflow/in-place/edited-map.ts";
import { applyEdits, type TextEdit } from "../workflow/in-place/text-edits.ts";
import { valueAt, withValue } from "../workflow/in-place/yaml-path.ts";

/** Keys and indices from the top of a document. */
export type PathInYaml = readonly (string | number)[];

/** A change of a YAML file. Values are texts without line ends. */
export type YamlChange =
  /** Replaces the scalar at the path. */
  | { readonly kind: "set"; readonly path: PathInYaml; readonly value: string }
  /** Replaces a pair of the map at the path by another one. */
  | {
      readonly kind: "replace-pair";
      readonly path: PathInYaml;
      readonly key: string;
      readonly by: string;
      readonly value: string;
    }
  /** Adds a pair to the map at the path, behind the pair `after`. */
  | {
      readonly kind: "add";
      readonly path: PathInYaml;
      readonly after: string;
      readonly key: string;
      readonly value: string;
    }
  /** Appends maps to the list at the top that has this key; adds the list if there is none. */
  | {
      readonly kind: "append";
      readonly key: string;
      readonly items: readonly Readonly<Record<string, string>>[];
    };

/** Changed text, or the reason why nothing is changed. */
export type EditedYaml = { readonly text: string } | { readonly because: string };

/**
 * Changes a YAML file in place: comments, quotes and layout of all else stay byte for byte. The result is read again, and is refused if it says
 * anything but the requested changes.
 */
export function editYaml(text: string, changes: readonly YamlChange[]): EditedYaml {
  const read = readYamlText(text);
  if (read === undefined) return { because: "it is not one valid YAML document" };
  const edits: TextEdit[] = [];
  let wanted = read.value as YamlValue;
  for (const change of changes) {
    const made = makeEdit(text, read, change);
    if (typeof made === "string") return { because: made };
    edits.push(made);
    wanted = wantedAfter(wanted, change);
  }
  const edited = applyEdits(text, edits);
  const after = readYamlText(edited);
  const isAsWanted = after !== undefined && JSON.stringify(sorted(after.value)) === JSON.stringify(sorted(wanted));
  return isAsWanted ? { text: edited } : { because: "the changed file would not read as it should" };
}

function makeEdit(text: string, { document }: YamlText, change: YamlChange): TextEdit | string {
  if (change.kind === "append") return appendItems(text, document.contents, change);
  const node = document.getIn(change.path, true);
  const where = change.path.join(".");
  switch (change.kind) {
    case "set":
      return isScalar(node) ? replaceScalar(node, change.value, where) : `${where} is no plain text`;
    case "replace-pair": {
      const pair = isMap(node) ? pairOf(node, change.key) : undefined;
      if (!isScalar(pair?.key) || !isScalar(pair.value)) return `${where}.${change.key} is no plain text`;
      const [start, end] = [pair.key.range?.[0], pair.value.range?.[1]];
      if (start === undefined || end === undefined) return `${where}.${change.key} has no place in the file`;
      return { start, end, text: `${change.by}: ${plainOrQuoted(change.value)}` };
    }
    case "add":
      return isMap(node) ? addPair(text, node, change) : `${where} is no map`;
  }
}

function replaceScalar({ range, type }: Scalar, value: string, where: string): TextEdit | string {
  if (range === undefined || range === null) return `${where} has no place in the file`;
  const quoted =
    type === Scalar.QUOTE_DOUBLE
      ? JSON.stringify(value)
      : type === Scalar.QUOTE_SINGLE
        ? `'${value.replaceAll("'", "''")}'`
        : plainOrQuoted(value);
  return { start: range[0], end: range[1], text: quoted };
}

function addPair(
  text: string,
  map: YAMLMap,
  { after, key, value }: Extract<YamlChange, { kind: "add" }>,
): TextEdit | string {
  const index = map.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === after);
  const pair = map.items[index];
  const start = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  const valueEnd = isScalar(pair?.value) ? pair.value.range?.[1] : undefined;
  if (start === undefined || valueEnd === undefined) return `${after} is no plain text`;
  const written = `${key}: ${plainOrQuoted(value)}`;
  if (isInFlow(map)) return { start: valueEnd, end: valueEnd, text: `, ${written}` };
  const end = endOfLine(text, map, index);
  if (end === undefined) return `the line of ${after} does not end with it`;
  return { start: end, end, text: `${lineEndOf(text)}${" ".repeat(columnOf(text, start))}${written}` };
}

function appendItems(
  text: string,
  top: unknown,
  { key, items }: Extract<YamlChange, { kind: "append" }>,
): TextEdit | string {
  const eol = lineEndOf(text);
  const node = isMap(top) ? pairOf(top, key)?.value : undefined;
  if (top !== null && !isMap(top)) return "it is no map";
  if (isSeq(node) && node.items.length > 0) return appendToList(text, node, items, eol);
  const lines = items.map((item) => itemLines(item, 2, eol)).join(eol);
  if (isSeq(node) && node.range) return { start: node.range[0], end: node.range[1], text: `${eol}${lines}` };
  if (node !== undefined && node !== null) return `${key} is no list`;
  const gap = text === "" || text.endsWith("\n") ? "" : eol;
  return { start: text.length, end: text.length, text: `${gap}${key}:${eol}${lines}${eol}` };
}

function appendToList(
  text: string,
  list: YAMLSeq,
  items: readonly Readonly<Record<string, string>>[],
  eol: string,
): TextEdit | string {
  const last = list.items.at(-1);
  const [first] = list.items;
  const [start, end] = [isMap(first) ? first.range?.[0] : undefined, isMap(last) ? last.range?.[1] : undefined];
  if (start === undefined || end === undefined || list.flow === true) return "its list is not written a line each";
  const column = columnOf(text, start);
  const dash = text.lastIndexOf("-", start - 1);
  const indent = columnOf(text, dash);
  if (dash < 0 || column <= indent) return "its list is not written a line each";
  const lines = items.map((item) => itemLines(item, indent, eol)).join(eol);
  // A block's range ends behind its line end.
  return text[end - 1] === "\n"
    ? { start: end, end, text: `${lines}${eol}` }
    : { start: end, end, text: `${eol}${lines}` };
}

function itemLines(item: Readonly<Record<string, string>>, indent: number, eol: string): string {
  return Object.entries(item)
    .map(([key, value], at) => `${" ".repeat(indent)}${at === 0 ? "- " : "  "}${key}: ${plainOrQuoted(value)}`)
    .join(eol);
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

/** Names of images, digests and versions with letters are plain YAML; `1.2` would be a number. */
function plainOrQuoted(value: string): string {
  return /^[A-Za-z][A-Za-z0-9._/:@+-]*$/.test(value) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value)
    ? value
    : JSON.stringify(value);
}

function wantedAfter(value: YamlValue, change: YamlChange): YamlValue {
  switch (change.kind) {
    case "set":
      return withValue(value, change.path, [change.value]);
    case "add":
      return withValue(value, [...change.path, change.key], [change.value]);
    case "replace-pair": {
      const without = withValue(value, [...change.path, change.key], []);
      return withValue(without, [...change.path, change.by], [change.value]);
    }
    case "append": {
      const list = valueAt(value, [change.key]);
      const before = Array.isArray(list) ? (list as readonly YamlValue[]) : [];
      return withValue(value, [change.key], [[...before, ...change.items]]);
    }
  }
}

/** The value with the keys of its maps sorted: their order in a file says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.toSorted(byKey(([key]) => key)).map(([key, each]) => [key, sorted(each)]));
}
