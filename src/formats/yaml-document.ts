import { type Document, isScalar, type LineCounter, parseDocument, visit } from "yaml";
import { findYamlExcess } from "./yaml-bounds.ts";

/** A YAML text with its value as plain data. */
export interface YamlText {
  readonly document: Document.Parsed;
  readonly value: unknown;
}

/** Reads one YAML document in time that grows with the text; undefined: it is none, a map has a key twice, or it is beyond the bounds. */
export function readYamlText(text: string, lineCounter?: LineCounter): YamlText | undefined {
  if (findYamlExcess(text) !== undefined) return undefined;
  const lines = lineCounter === undefined ? {} : { lineCounter };
  // The package compares each key of a map with each other one.
  const document = parseDocument(text, { ...lines, prettyErrors: false, logLevel: "silent", uniqueKeys: false });
  if (document.errors.length > 0 || repeatedKeys(document).length > 0) return undefined;
  try {
    return { document, value: document.toJS() };
  } catch {
    // Aliases that stand for nothing, or that make more of the text than anybody writes.
    return undefined;
  }
}

/** Where in the text keys stand that their map has already, in order. */
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
