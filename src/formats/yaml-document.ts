import { type Document, isScalar, type LineCounter, parseDocument, visit } from "yaml";
import { findYamlExcess } from "./yaml-bounds.ts";

/** YAML text with its value as plain data. */
export interface YamlText {
  readonly document: Document.Parsed;
  readonly value: unknown;
}

/** Reads one YAML document in linear time; undefined: the text is not valid YAML, a map has a key twice, or a bound is exceeded. */
export function readYamlText(text: string, lineCounter?: LineCounter): YamlText | undefined {
  if (findYamlExcess(text) !== undefined) return undefined;
  const lines = lineCounter === undefined ? {} : { lineCounter };
  // Duplicate keys are checked here, because the package compares each key of a map with every other one.
  const document = parseDocument(text, { ...lines, prettyErrors: false, logLevel: "silent", uniqueKeys: false });
  if (document.errors.length > 0 || repeatedKeys(document).length > 0) return undefined;
  try {
    return { document, value: document.toJS() };
  } catch {
    // The package throws for aliases without an anchor, and for aliases that expand the text too much.
    return undefined;
  }
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
