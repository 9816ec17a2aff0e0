/**
 * White space as Go, BuildKit's language, defines it. The functions of this file follow Go in trimming text and cleaning paths, because
 * JavaScript differs, and both decide which files are read.
 */

const spaces = new Set(
  "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000".concat(
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a",
  ),
);

/** Go's `unicode.IsSpace`. */
export function isSpace(character: string): boolean {
  return spaces.has(character);
}

/** Go's `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  return trimLeadingSpace(trimEnd(text, isSpace));
}

export function trimLeadingSpace(text: string): string {
  let start = 0;
  while (isSpace(text.charAt(start))) start++;
  return text.slice(start);
}

/** Removes characters from the end of a text while the test accepts them. Linear time. */
export function trimEnd(text: string, isCut: (character: string) => boolean): string {
  let end = text.length;
  while (end > 0 && isCut(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** The code points of a text, which are Go's runes. */
export function codePoints(text: string): readonly string[] {
  return Array.from(text);
}

/** Go's `path.Clean`: removes `.`, inner `..`, doubled and trailing slashes; an empty path becomes `.`. */
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

/** Makes a path relative to a root; `..` never leaves the root. `.` is the root itself. */
export function pathBelowRoot(path: string): string {
  const cleaned = cleanPath(`/${path}`).slice(1);
  return cleaned === "" ? "." : cleaned;
}

/** Whether BuildKit treats a path as a pattern: it has an unescaped `*`, `?` or `[`. */
export function hasWildcards(path: string): boolean {
  for (let at = 0; at < path.length; at++) {
    const character = path[at];
    if (character === "\\") at++;
    else if (character === "*" || character === "?" || character === "[") return true;
  }
  return false;
}
