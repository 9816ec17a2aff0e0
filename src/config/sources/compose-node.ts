import { type Document, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";
import type { Steps } from "../../model/steps.ts";
import { readGoScalar } from "./go-scalar.ts";
import type { Lookup } from "./interpolate.ts";
import { addFault, type Faults, type Place } from "../written/place.ts";
import { parseYamlDocuments, resolveAlias } from "../written/yaml-file.ts";

/** The base of a file's paths and variables. */
export interface ComposeOrigin {
  /** Folder of the file, relative to the repository's root. */
  readonly folder: string;
  /** Fills in variables. `set`: values that take precedence over the environment. */
  readonly fill: (text: string, at: Place, set?: ReadonlyMap<string, string>) => string;
  readonly env: Lookup;
  readonly steps: Steps;
}

/** A value of a Compose file: a map, a list, text (numbers and booleans as Compose prints them), or null. */
export interface ComposeNode {
  readonly at: Place;
  readonly keyAt: Place;
  readonly origin: ComposeOrigin;
  readonly value: ComposeMap | readonly ComposeNode[] | string | null;
}

export type ComposeMap = ReadonlyMap<string, ComposeNode>;

/** One YAML document. Values with `!reset` are not in it. */
export interface ComposeDocument {
  readonly root: ComposeNode;
  /** Paths with `!reset` or `!override`. Values of lower files at these paths do not count. */
  readonly resets: readonly (readonly string[])[];
}

// compose-go's own limit for expanded aliases, and a depth that real files never reach.
const mostNodes = 100_000;
const deepest = 200;

/** Parses a Compose file; undefined, and faults, when it is not YAML. */
export function parseComposeDocuments(
  file: string,
  text: string,
  origin: ComposeOrigin,
  faults: Faults,
): ComposeDocument[] | undefined {
  const parsed = parseYamlDocuments(file, text, faults);
  if (parsed === undefined) return undefined;
  const found: ComposeDocument[] = [];
  for (const document of parsed.documents) {
    const reading: Reading = { document, origin, faults, at: parsed.at, resets: [], nodes: 0, tooLarge: undefined };
    const start = parsed.at(document.contents?.range?.[0] ?? 0);
    const root = readNode(reading, document.contents, start, []);
    if (reading.tooLarge !== undefined) {
      addFault(faults, start, reading.tooLarge);
      return undefined;
    }
    found.push({ root: root ?? { at: start, keyAt: start, origin, value: null }, resets: reading.resets });
  }
  return found;
}

interface Reading {
  readonly document: Document;
  readonly origin: ComposeOrigin;
  readonly faults: Faults;
  readonly at: (offset: number) => Place;
  readonly resets: (readonly string[])[];
  nodes: number;
  tooLarge: string | undefined;
}

/** Reads one node; undefined: it has the tag `!reset`. */
function readNode(
  reading: Reading,
  written: Node | null,
  keyAt: Place,
  path: readonly string[],
): ComposeNode | undefined {
  const { document, origin, resets } = reading;
  reading.nodes += 1;
  if (reading.nodes > mostNodes) reading.tooLarge = `aliases make more than ${mostNodes} values of this file`;
  if (path.length > deepest) reading.tooLarge = `values are nested more than ${deepest} deep, or hold themselves`;
  const at = written?.range === undefined || written.range === null ? keyAt : reading.at(written.range[0]);
  const node = resolveAlias(document, written) ?? null;
  if (reading.tooLarge !== undefined) return { at, keyAt, origin, value: null };
  if (node?.tag === "!reset" || node?.tag === "!override") resets.push(path);
  if (node?.tag === "!reset") return undefined;
  return { at, keyAt, origin, value: readValue(reading, node, at, path) };
}

function readValue(reading: Reading, node: Node | null, at: Place, path: readonly string[]): ComposeNode["value"] {
  if (isMap<Node, Node | null>(node)) return readMap(reading, node.items, path);
  if (isSeq<Node | null>(node)) {
    return node.items.flatMap((item, index) => readNode(reading, item, at, [...path, String(index)]) ?? []);
  }
  if (!isScalar(node)) return null;
  const isPlain = node.type === "PLAIN" || node.type === undefined;
  const text = isPlain ? (node.source ?? "") : String(node.value);
  const value = readGoScalar({ text, isPlain, tag: node.tag });
  if (typeof value !== "object" || value === null) return value;
  addFault(reading.faults, at, value.fault);
  return null;
}

/** Reads a map. Its keys win over merged maps (`<<`), and earlier merged maps over later ones. */
function readMap(
  reading: Reading,
  pairs: readonly Pair<Node, Node | null>[],
  path: readonly string[],
): Map<string, ComposeNode> {
  const own = new Map<string, ComposeNode>();
  const merged = new Map<string, ComposeNode>();
  for (const { key, value } of pairs) {
    const name = isScalar(key) ? (key.type === "PLAIN" ? (key.source ?? "") : String(key.value)) : "";
    const keyAt = reading.at(key.range?.[0] ?? 0);
    if (name === "<<" && isScalar(key) && key.type === "PLAIN") {
      for (const source of mergeSources(readNode(reading, value, keyAt, path))) {
        for (const [each, node] of source) if (!merged.has(each)) merged.set(each, node);
      }
    } else {
      const node = readNode(reading, value, keyAt, [...path, name]);
      if (node !== undefined) own.set(name, node);
    }
  }
  return new Map([...merged, ...own]);
}

function mergeSources(node: ComposeNode | undefined): ComposeMap[] {
  if (node === undefined) return [];
  if (isComposeMap(node.value)) return [node.value];
  return isComposeList(node.value) ? node.value.flatMap(({ value }) => (isComposeMap(value) ? [value] : [])) : [];
}

export function isComposeMap(value: ComposeNode["value"]): value is ComposeMap {
  return value instanceof Map;
}

export function isComposeList(value: ComposeNode["value"]): value is readonly ComposeNode[] {
  return Array.isArray(value);
}
