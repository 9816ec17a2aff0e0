import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from "yaml";
import { errorMessage } from "../../errors.ts";
import { findYamlExcess } from "../../formats/yaml-bounds.ts";
import { repeatedKeys } from "../../formats/yaml-document.ts";
import { addFault, type Faults, type Place } from "./place.ts";

export type Path = readonly (string | number)[];

/** A YAML document with the places of its values. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** The place of the value (or key) at a path; if absent, of the nearest value around it. */
  place(path: Path, part?: "key" | "value"): Place;
  /** The number or boolean at a path as written (`1.10`, `20261126225540123`); undefined: another value. */
  written(path: Path): string | undefined;
}

/** Parses a file of one document; an empty file is undefined inside. Undefined, and faults, when it is not YAML. */
export function parseYamlFile(file: string, text: string, faults: Faults): YamlFile | undefined {
  const documents = parseYamlFiles(file, text, faults);
  const extra = documents?.[1];
  if (extra !== undefined) addFault(faults, extra.place([]), "a second document starts here; write one");
  return documents === undefined
    ? undefined
    : (documents[0] ?? {
        file,
        value: undefined,
        place: () => ({ file, line: 1, column: 1 }),
        written: () => undefined,
      });
}

/** The documents of a file, and the places of offsets in its text. */
export interface YamlDocuments {
  readonly documents: readonly Document.Parsed[];
  readonly at: (offset: number) => Place;
}

/** Parses every document of a file; undefined, and faults, when it is not YAML. */
export function parseYamlDocuments(file: string, text: string, faults: Faults): YamlDocuments | undefined {
  const excess = findYamlExcess(text);
  if (excess !== undefined) {
    const before = text.slice(0, excess.offset).split("\n");
    addFault(faults, { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }, excess.message);
    return undefined;
  }
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const options = { lineCounter: lines, merge: true, prettyErrors: false, logLevel: "silent" } as const;
  // The package's own check compares every pair of keys.
  const parsed = parseAllDocuments(text, { ...options, uniqueKeys: false });
  const documents: readonly Document.Parsed[] = Array.isArray(parsed) ? parsed : [];
  const errors = documents.flatMap((document) => document.errors);
  for (const error of errors) addFault(faults, at(error.pos[0]), error.message);
  const repeated = documents.flatMap(repeatedKeys);
  for (const offset of repeated) addFault(faults, at(offset), "Map keys must be unique");
  return errors.length + repeated.length > 0 ? undefined : { documents, at };
}

/** Parses every document of a file. Merge keys (`<<`) are followed. */
export function parseYamlFiles(file: string, text: string, faults: Faults): YamlFile[] | undefined {
  const parsed = parseYamlDocuments(file, text, faults);
  if (parsed === undefined) return undefined;
  const { documents, at } = parsed;
  const files: YamlFile[] = [];
  for (const document of documents) {
    try {
      const value: unknown = document.toJS({ maxAliasCount: 1000 });
      files.push({
        file,
        value,
        place: (path, part = "value") => at(offsetOf(document, path, part)),
        written: (path) => writtenAt(document, path),
      });
    } catch (error) {
      addFault(faults, at(document.range[0]), errorMessage(error));
      return undefined;
    }
  }
  return files;
}

function offsetOf(document: Document, path: Path, part: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, key] of path.entries()) {
    const found = findChild(resolveAlias(document, node), key, document);
    if (found === undefined) break;
    const wantsKey = part === "key" && index === path.length - 1;
    node = found.value;
    offset = (wantsKey ? found.keyStart : (startOf(node) ?? found.keyStart)) ?? offset;
  }
  return offset;
}

function writtenAt(document: Document, path: Path): string | undefined {
  let node: unknown = document.contents;
  for (const key of path) node = findChild(resolveAlias(document, node), key, document)?.value;
  const scalar = resolveAlias(document, node);
  if (!isScalar(scalar)) return undefined;
  return typeof scalar.value === "number" || typeof scalar.value === "boolean" ? scalar.source : undefined;
}

interface Child {
  readonly value: unknown;
  readonly keyStart: number | undefined;
}

function findChild(node: unknown, key: string | number, document: Document): Child | undefined {
  if (isSeq(node)) {
    const value = node.items[Number(key)];
    return value === undefined ? undefined : { value, keyStart: startOf(value) };
  }
  if (!isMap(node)) return undefined;
  const children = childrenOf(node);
  const own = children.get(String(key));
  if (own !== undefined) return own;
  const merge = children.get("<<");
  if (merge !== undefined) {
    const merged = resolveAlias(document, merge.value);
    const sources = isSeq(merged) ? merged.items : [merged];
    for (const source of sources) {
      const found = findChild(resolveAlias(document, source), key, document);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

const childrenByMap = new WeakMap<YAMLMap, ReadonlyMap<string, Child>>();

/** Index of a map's values by key, because places of many values are looked up one by one. */
function childrenOf(map: YAMLMap): ReadonlyMap<string, Child> {
  const known = childrenByMap.get(map);
  if (known !== undefined) return known;
  const children = new Map<string, Child>();
  for (const { key, value } of map.items) {
    if (isScalar(key) && !children.has(String(key.value)))
      children.set(String(key.value), { value, keyStart: startOf(key) });
  }
  childrenByMap.set(map, children);
  return children;
}

const targetsByDocument = new WeakMap<Document, ReadonlyMap<unknown, Node>>();

/** Resolves an alias; other nodes are returned. The package searches the whole document for each alias. */
export function resolveAlias<T>(document: Document, node: T): T | Node | undefined {
  if (!isAlias(node)) return node;
  const targets = targetsByDocument.get(document) ?? findTargets(document);
  targetsByDocument.set(document, targets);
  return targets.get(node);
}

/** Finds the target of each alias: the last node before it with its anchor. */
function findTargets(document: Document): ReadonlyMap<unknown, Node> {
  const anchored = new Map<string, Node>();
  const targets = new Map<unknown, Node>();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) {
        const target = anchored.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) anchored.set(node.anchor, node);
    },
  });
  return targets;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
