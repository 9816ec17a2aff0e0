import { expressionDelimiters, findSpans } from "../formats/spans.ts";
import type { ShellText } from "../shell/expand-word.ts";
import type { TagText } from "./image-command.ts";

export type ListSeparator = "lines" | "commas" | "blanks";

const separators: Readonly<Record<ListSeparator, RegExp>> = { lines: /^\n$/, commas: /^[\n,]$/, blanks: /^\s$/ };

/**
 * Splits an action's input that is a list, by lines, by lines and commas, or by blanks. An unknown part is never split, because it may hold anything; an item
 * that exists only under a condition carries it.
 */
export function listOf({ text, unknown }: ShellText, separator: ListSeparator): TagText[] {
  const names = unknown.filter((name) => name !== "").sort((left, right) => right.length - left.length);
  const items: TagText[] = [];
  let current: Piece[] = [];
  const close = (): void => {
    const item = joinPieces(current);
    if (item.text !== "" && !item.text.startsWith("#")) items.push(item);
    current = [];
  };
  for (const piece of piecesOf(text, names)) {
    const isCut = piece.kind === "text" && separators[separator].test(piece.text);
    const conditional = piece.kind === "unknown" ? conditionOf(piece.text) : undefined;
    if (isCut) close();
    else if (conditional === undefined) current.push(piece);
    else {
      close();
      const { item, condition } = conditional;
      if (item !== "") items.push({ text: item, unknown: namesIn(item), perhaps: [condition] });
    }
  }
  close();
  return items;
}

interface Piece {
  readonly kind: "text" | "unknown";
  readonly text: string;
}

/** Splits a text into single characters and unknown parts. */
function piecesOf(text: string, names: readonly string[]): Piece[] {
  const expressions = new Map(
    findSpans(text, [expressionDelimiters]).map(({ start, end }) => [start, text.slice(start, end)]),
  );
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length;) {
    const name = names.find((each) => text.startsWith(each, at)) ?? expressions.get(at);
    const piece: Piece = name === undefined ? { kind: "text", text: text.charAt(at) } : { kind: "unknown", text: name };
    pieces.push(piece);
    at += piece.text.length;
  }
  return pieces;
}

function joinPieces(pieces: readonly Piece[]): ShellText {
  const text = pieces
    .map((piece) => piece.text)
    .join("")
    .trim();
  return { text, unknown: [...new Set(pieces.flatMap((piece) => (piece.kind === "unknown" ? [piece.text] : [])))] };
}

/**
 * Reads the item and its condition from an unknown part: `‹ghcr.io/acme/api:rc if vars.RC›` is an item that exists only if `vars.RC` holds; in `‹ if
 * vars.RC›` the item is only the line end before it.
 */
function conditionOf(name: string): { readonly item: string; readonly condition: string } | undefined {
  const at = name.lastIndexOf(" if ");
  if (at < 0 || !name.startsWith("‹") || !name.endsWith("›")) return undefined;
  return { item: name.slice(1, at).trim(), condition: name.slice(at + 4, -1) };
}

/** Returns the unknown parts of an item that are written as `‹name›`. */
function namesIn(item: string): string[] {
  return findSpans(item, [["‹", "›"]]).map(({ start, end }) => item.slice(start, end));
}
