import { matchRegExp } from "../formats/match-regexp.ts";
import type { ShellText } from "./expand-word.ts";
import { matchesGlob } from "./glob.ts";

/** Decides a test such as `a = b` or `-n a`, with or without `[ … ]` or `test`. */
export function decideTest(written: readonly ShellText[]): boolean | undefined {
  const [head] = written;
  if (head?.text === "!") {
    const inner = decideTest(written.slice(1));
    return inner === undefined ? undefined : !inner;
  }
  if (head?.text === "true") return true;
  if (head?.text === "false") return false;
  const words = head?.text === "[" ? written.slice(1, -1) : head?.text === "test" ? written.slice(1) : written;
  if (words.some(({ unknown }) => unknown.length > 0)) return undefined;
  const texts = words.map(({ text }) => text);
  const [left = "", operator, right = ""] = texts;
  if (texts.length === 2 && (left === "-n" || left === "-z")) return (operator === "") === (left === "-z");
  if (texts.length !== 3) return undefined;
  if (operator === "=" || operator === "==") return matchesGlob(left, right);
  if (operator !== undefined && operator in numeric && /^\d+$/.test(left) && /^\d+$/.test(right))
    return numeric[operator]?.(Number(left), Number(right));
  if (operator === "=~") return matchesPattern(left, right);
  if (operator !== "!=") return undefined;
  const fits = matchesGlob(left, right);
  return fits === undefined ? undefined : !fits;
}

/** Whether a text matches an extended regular expression; undefined: it has parts that JavaScript reads in another way. */
function matchesPattern(text: string, pattern: string): boolean | undefined {
  if (/\\[A-Za-z0-9]|\[\[?[:.=]|\(\?/.test(pattern)) return undefined;
  const found = matchRegExp(pattern, "", text);
  return found.kind === "match" ? true : found.kind === "none" ? false : undefined;
}

const numeric: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  "-eq": (left, right) => left === right,
  "-ne": (left, right) => left !== right,
  "-gt": (left, right) => left > right,
  "-ge": (left, right) => left >= right,
  "-lt": (left, right) => left < right,
  "-le": (left, right) => left <= right,
};
