import { type Document, isAlias, isScalar, type LineCounter, parseDocument, visit } from "yaml";
import { findYamlExcess } from "./yaml-bounds.ts";

/** YAML text with its value as plain data. */
export interface YamlText {
  readonly document: Document.Parsed;
  readonly value: unknown;
}

/** Reason why a text is not one YAML document, with the line and column at which it shows; both count from 1. */
export interface YamlFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Reads one YAML document in linear time; undefined: the text is not valid YAML, a map has a key twice, or a bound is exceeded. */
export function readYamlText(text: string, lineCounter?: LineCounter): YamlText | undefined {
  const read = readOrFault(text, lineCounter);
  return "fault" in read ? undefined : read;
}

/** Returns the reason why `readYamlText` cannot read a text; undefined: it can. */
export function findYamlFault(text: string): YamlFault | undefined {
  const read = readOrFault(text, undefined);
  if (!("fault" in read)) return undefined;
  const { offset, message } = read.fault;
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1, message };
}

function readOrFault(
  text: string,
  lineCounter: LineCounter | undefined,
): YamlText | { readonly fault: { readonly offset: number; readonly message: string } } {
  const excess = findYamlExcess(text);
  if (excess !== undefined) return { fault: excess };
  const lines = lineCounter === undefined ? {} : { lineCounter };
  // Duplicate keys are checked here, because the package compares each key of a map with every other one.
  const document = parseDocument(text, { ...lines, prettyErrors: false, logLevel: "silent", uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined) return { fault: { offset: error.pos[0], message: error.message } };
  const [repeated] = repeatedKeys(document);
  if (repeated !== undefined) return { fault: { offset: repeated, message: "a map has this key twice" } };
  try {
    return { document, value: document.toJS() };
  } catch (thrown) {
    // The package throws for aliases without an anchor, and for aliases that expand the text too much.
    return {
      fault: {
        offset: lostAlias(document),
        message: thrown instanceof Error ? thrown.message : "an alias cannot be resolved",
      },
    };
  }
}

/** Returns the offset of the first alias whose anchor is not set before it; 0: there is none. */
function lostAlias(document: Document): number {
  const anchors = new Set<string>();
  let offset: number | undefined;
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) && !anchors.has(node.source)) offset ??= node.range?.[0];
      else if (!isAlias(node) && node.anchor !== undefined) anchors.add(node.anchor);
    },
  });
  return offset ?? 0;
}

/** Returns the offsets of repeated keys, in order. */
export function repeatedKeys(document: Document): number[] {
  const offsets: number[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) offsets.push(key.range?.[0] ?? 0);
        seen.add(key.value);
      }
    },
  });
  return offsets.sort((left, right) => left - right);
}
