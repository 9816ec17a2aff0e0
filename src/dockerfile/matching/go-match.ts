import { Steps } from "../../model/steps.ts";

const slash = 0x2f;
const backslash = 0x5c;
const star = 0x2a;
const question = 0x3f;
const bracket = 0x5b;
const closing = 0x5d;
const caret = 0x5e;
const dash = 0x2d;
/** Code point that Go decodes an invalid UTF-8 byte to. */
const replacement = 0xfffd;

type Part =
  | { readonly kind: "byte"; readonly byte: number }
  | { readonly kind: "any" }
  | { readonly kind: "class"; readonly isNegated: boolean; readonly ranges: readonly (readonly [number, number])[] };

/** The part of a pattern between two stars. */
interface Chunk {
  readonly afterStar: boolean;
  /** Parts of the chunk; undefined: it is malformed. */
  readonly parts: readonly Part[] | undefined;
}

interface Rune {
  readonly codePoint: number;
  readonly size: number;
}

/** Matches a path against a pattern of Go's `path.Match`. Takes at most one step per pattern part for each byte of the path. */
export type GoMatcher = (path: string, steps: Steps) => boolean;

/**
 * Compiles a pattern of Go's `path.Match`; undefined: it is malformed. `*` and `?` do not match a slash, a character class may; there is no
 * `**`. Like Go, works on bytes and takes the first position where the chunk after a star matches, without backtracking.
 */
export function compileGoMatch(pattern: string): GoMatcher | undefined {
  const chunks = parseChunks(Buffer.from(pattern, "utf8"));
  if (chunks.some(({ parts }) => parts === undefined)) return undefined;
  return (path, steps) => matchChunks(chunks, Buffer.from(path, "utf8"), steps) === true;
}

/**
 * Whether moby/patternmatcher accepts a pattern. It checks by matching the path `.` with `filepath.Match`, which parses a pattern only as
 * far as it matches.
 */
export function isTakenByFilepathMatch(pattern: string): boolean {
  return matchChunks(parseChunks(Buffer.from(pattern, "utf8")), Buffer.from("."), new Steps(unbounded)) !== "malformed";
}

/** No step limit: against a path of one character, each part is tried at most twice. */
const unbounded = Number.POSITIVE_INFINITY;

function parseChunks(bytes: Uint8Array): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at < bytes.length;) {
    let afterStar = false;
    for (; bytes[at] === star; at++) afterStar = true;
    const end = endOfChunk(bytes, at);
    chunks.push({ afterStar, parts: parseParts(bytes.subarray(at, end)) });
    at = end;
  }
  return chunks;
}

/** End of the chunk that begins at `start`. A star inside brackets does not end it, even if the brackets turn out not to be a class. */
function endOfChunk(bytes: Uint8Array, start: number): number {
  let isInClass = false;
  let at = start;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === backslash) {
      if (at + 1 < bytes.length) at++;
    } else if (byte === bracket) isInClass = true;
    else if (byte === closing) isInClass = false;
    else if (byte === star && !isInClass) break;
  }
  return at;
}

function parseParts(bytes: Uint8Array): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === bracket) {
      const parsed = parseClass(bytes, at + 1);
      if (parsed === undefined) return undefined;
      parts.push(parsed.part);
      at = parsed.end - 1;
    } else if (byte === question) {
      parts.push({ kind: "any" });
    } else if (byte === backslash) {
      at++;
      const escaped = bytes[at];
      if (escaped === undefined) return undefined;
      parts.push({ kind: "byte", byte: escaped });
    } else {
      parts.push({ kind: "byte", byte });
    }
  }
  return parts;
}

function parseClass(bytes: Uint8Array, start: number): { part: Part; end: number } | undefined {
  const isNegated = bytes[start] === caret;
  let at = isNegated ? start + 1 : start;
  const ranges: (readonly [number, number])[] = [];
  /** Reads one end of a range. A class is malformed if its character is the last of the pattern. */
  const readEnd = (): number | undefined => {
    if (bytes[at] === dash || bytes[at] === closing) return undefined;
    if (bytes[at] === backslash) at++;
    const rune = runeAt(bytes, at);
    if (rune === undefined) return undefined;
    at += rune.size;
    return at < bytes.length ? rune.codePoint : undefined;
  };
  while (ranges.length === 0 || bytes[at] !== closing) {
    const low = readEnd();
    if (low === undefined) return undefined;
    let high: number | undefined = low;
    if (bytes[at] === dash) {
      at++;
      high = readEnd();
      if (high === undefined) return undefined;
    }
    ranges.push([low, high]);
  }
  return { part: { kind: "class", isNegated, ranges }, end: at + 1 };
}

function matchChunks(chunks: readonly Chunk[], path: Uint8Array, steps: Steps): boolean | "malformed" {
  let at = 0;
  for (const [index, { afterStar, parts }] of chunks.entries()) {
    if (parts === undefined) return "malformed";
    if (afterStar && parts.length === 0) return !path.subarray(at).includes(slash);
    const end = findParts(parts, path, at, { afterStar, isLast: index === chunks.length - 1, steps });
    if (end === undefined) return false;
    at = end;
  }
  return at === path.length;
}

/** Finds the first position where a chunk matches and returns its end; the last chunk must reach the end of the path. */
function findParts(
  parts: readonly Part[],
  path: Uint8Array,
  start: number,
  { afterStar, isLast, steps }: { afterStar: boolean; isLast: boolean; steps: Steps },
): number | undefined {
  for (let from = start; ; from++) {
    const end = matchParts(parts, path, from, steps);
    if (end !== undefined && (!isLast || end === path.length)) return end;
    if (!afterStar || from >= path.length || path[from] === slash) return undefined;
  }
}

function matchParts(parts: readonly Part[], path: Uint8Array, from: number, steps: Steps): number | undefined {
  let at = from;
  for (const [index, part] of parts.entries()) {
    const byte = path[at];
    if (byte === undefined || !matchesPart(part, path, at)) {
      steps.take(index + 1);
      return undefined;
    }
    at += part.kind === "byte" ? 1 : (runeAt(path, at)?.size ?? 1);
  }
  steps.take(parts.length + 1);
  return at;
}

function matchesPart(part: Part, path: Uint8Array, at: number): boolean {
  switch (part.kind) {
    case "byte":
      return path[at] === part.byte;
    case "any":
      return path[at] !== slash;
    case "class": {
      const codePoint = runeAt(path, at)?.codePoint ?? replacement;
      return part.ranges.some(([low, high]) => low <= codePoint && codePoint <= high) !== part.isNegated;
    }
  }
}

/** Decodes the UTF-8 character at a byte. Undefined: the text ends there. */
function runeAt(bytes: Uint8Array, at: number): Rune | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return { codePoint: first, size: 1 };
  // The byte is in the middle of a character.
  if (first < 0xc0) return { codePoint: replacement, size: 1 };
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  let codePoint = first & (0xff >> (size + 1));
  for (let index = 1; index < size; index++) codePoint = (codePoint << 6) | ((bytes[at + index] ?? 0) & 0x3f);
  return { codePoint, size };
}
