/**
 * How Go, which BuildKit is written in, treats text: what it takes for white space, how it cleans paths, and how
 * `path.Match` matches. JavaScript differs in each, and each decides which files are read.
 */

const space = "\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const spacePattern = new RegExp(`[${space}]`, "u");
const leadingSpacePattern = new RegExp(`^[${space}]+`, "u");
const outerSpacePattern = new RegExp(`^[${space}]+|[${space}]+$`, "gu");

/** Go's `unicode.IsSpace`. */
export function isSpace(character: string): boolean {
  return spacePattern.test(character);
}

/** Go's `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  return text.replace(outerSpacePattern, "");
}

export function trimLeadingSpace(text: string): string {
  return text.replace(leadingSpacePattern, "");
}

/** The characters of a text as Go's runes: code points. */
export function codePoints(text: string): readonly string[] {
  return Array.from(text);
}

/** Go's `path.Clean`: `.` for nothing, no `.`, no inner `..`, no doubled or trailing slash. */
export function cleanPath(path: string): string {
  const isRooted = path.startsWith("/");
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!isRooted) kept.push("..");
  }
  if (isRooted) return `/${kept.join("/")}`;
  return kept.length === 0 ? "." : kept.join("/");
}

/** A path below a root, made relative to it; `..` never leaves the root. `.` is the root itself. */
export function pathBelowRoot(path: string): string {
  const cleaned = cleanPath(`/${path}`).slice(1);
  return cleaned === "" ? "." : cleaned;
}

/** Whether BuildKit takes a path for a pattern: an unescaped `*`, `?` or `[` in it. */
export function hasWildcards(path: string): boolean {
  for (let at = 0; at < path.length; at++) {
    const character = path[at];
    if (character === "\\") at++;
    else if (character === "*" || character === "?" || character === "[") return true;
  }
  return false;
}

type Piece =
  | { readonly kind: "literal"; readonly character: string }
  | { readonly kind: "any" }
  | { readonly kind: "star" }
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

/**
 * Compiles a pattern of Go's `path.Match`; undefined when it is malformed.
 * `*` and `?` stop at a slash, a character class does not; there is no `**`.
 */
export function compileGoMatch(pattern: string): ((path: string) => boolean) | undefined {
  const pieces = parsePieces(codePoints(pattern));
  if (pieces === undefined) return undefined;
  const expression = new RegExp(`^${pieces.map(renderPiece).join("")}$`, "su");
  return (path) => expression.test(path);
}

function parsePieces(characters: readonly string[]): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < characters.length) {
    const character = characters[at] ?? "";
    at++;
    if (character === "*") {
      pieces.push({ kind: "star" });
    } else if (character === "?") {
      pieces.push({ kind: "any" });
    } else if (character === "\\") {
      const escaped = characters[at];
      if (escaped === undefined) return undefined;
      at++;
      pieces.push({ kind: "literal", character: escaped });
    } else if (character === "[") {
      const parsed = parseClass(characters, at);
      if (parsed === undefined) return undefined;
      pieces.push(parsed.piece);
      at = parsed.end;
    } else {
      pieces.push({ kind: "literal", character });
    }
  }
  return pieces;
}

function parseClass(characters: readonly string[], start: number): { piece: Piece; end: number } | undefined {
  let at = start;
  const negated = characters[at] === "^";
  if (negated) at++;
  const ranges: (readonly [string, string])[] = [];
  const one = (): string | undefined => {
    let character = characters[at];
    if (character === undefined || character === "-" || character === "]") return undefined;
    if (character === "\\") {
      at++;
      character = characters[at];
      if (character === undefined) return undefined;
    }
    at++;
    return at < characters.length ? character : undefined;
  };
  while (ranges.length === 0 || characters[at] !== "]") {
    const low = one();
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (characters[at] === "-") {
      at++;
      high = one();
      if (high === undefined) return undefined;
    }
    ranges.push([low, high]);
  }
  return { piece: { kind: "class", negated, ranges }, end: at + 1 };
}

function renderPiece(piece: Piece): string {
  if (piece.kind === "literal") return escapeRegExp(piece.character);
  if (piece.kind === "any") return "[^/]";
  if (piece.kind === "star") return "[^/]*";
  const ranges = piece.ranges.filter(([low, high]) => codePoint(low) <= codePoint(high));
  const body = ranges.map(([low, high]) => `${escapeRegExp(low)}-${escapeRegExp(high)}`).join("");
  return `[${piece.negated ? "^" : ""}${body}]`;
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}

/** A text as a regular expression with the `u` flag that matches it and nothing else, also inside a character class. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/gu, (character) => (character === "-" ? "\\x2d" : `\\${character}`));
}
