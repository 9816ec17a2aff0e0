import type { Steps } from "../../model/steps.ts";
import { codePoints } from "../syntax/go-text.ts";
import { ChainMatcher, type Item } from "./chain.ts";
import { oneCharacter } from "./characters.ts";

/** A fault in an expression such as `${X:?must be set}`. The caller adds the place. */
export class ExpandError extends Error {
  override readonly name = "ExpandError";
}

/**
 * Removes the shortest (`#`, `%`) or longest (`##`, `%%`) prefix or suffix that matches.
 * @throws ExpandError
 */
export function trimMatching(value: string, word: string, operator: "#" | "%", steps: Steps): string {
  const isGreedy = word.startsWith(operator);
  const items = parseShellPattern(isGreedy ? word.slice(1) : word);
  const isBeginning = operator === "#";
  const text = isBeginning ? value : reversed(value);
  const matcher = new ChainMatcher([isBeginning ? items : items.toReversed()], true);
  const ends = matcher.ends(text, 0, steps);
  if (ends === undefined) return value;
  const rest = text.slice(isGreedy ? ends.longest : ends.shortest);
  return isBeginning ? rest : reversed(rest);
}

/**
 * Replaces the first or all longest matches of the pattern.
 * @throws ExpandError
 */
export function replaceMatching(
  value: string,
  { pattern, replacement, isForAll }: { pattern: string; replacement: string; isForAll: boolean },
  steps: Steps,
): string {
  const items = parseShellPattern(pattern);
  const matcher = new ChainMatcher([items], true);
  // In the reversed text, a match ends where it begins.
  const backwards = new ChainMatcher([items.toReversed()], false).allEnds(reversed(value), steps);
  const starts = backwards.map((end) => value.length - end).reverse();
  let replaced = "";
  let lastEnd = 0;
  let isFirst = true;
  for (const start of starts) {
    if (start < lastEnd) continue;
    const end = matcher.ends(value, start, steps)?.longest;
    // An empty match directly after another match does not count.
    if (end === undefined || (end === lastEnd && !isFirst && start === lastEnd)) continue;
    const filled = isForAll ? fillTemplate(replacement, value.slice(start, end)) : replacement;
    steps.take(filled.length);
    replaced += value.slice(lastEnd, start) + filled;
    lastEnd = end;
    isFirst = false;
    if (!isForAll) break;
  }
  return replaced + value.slice(lastEnd);
}

const newline = 10;
const anyInLine = (codePoint: number): boolean => codePoint !== newline;

/** Parses a shell pattern: `*`, `?`, backslash. */
function parseShellPattern(pattern: string): readonly Item[] {
  const characters = codePoints(pattern);
  const items: Item[] = [];
  const add = (character: string): void =>
    void items.push({ kind: "one", characters: oneCharacter(character.codePointAt(0) ?? 0) });
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "*") {
      items.push({ kind: "many", characters: anyInLine });
    } else if (character === "?") {
      items.push({ kind: "one", characters: anyInLine });
    } else if (character === "\\") {
      const escaped = characters[at + 1];
      if (escaped === "}" || escaped === "/") continue;
      if (escaped !== "*" && escaped !== "?" && escaped !== "\\") {
        throw new ExpandError(`"\\${escaped ?? ""}" is no escape in the pattern "${pattern}"`);
      }
      at++;
      add(escaped);
    } else {
      add(character);
    }
  }
  return items;
}

function reversed(text: string): string {
  return codePoints(text).toReversed().join("");
}

/** Fills in Go's replacement template. `$0` is the match; other groups do not exist and are empty. */
function fillTemplate(template: string, match: string): string {
  return template.replace(
    /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
    (whole, braced?: string, plain?: string) => {
      if (whole === "$$") return "$";
      return (braced ?? plain) === "0" ? match : "";
    },
  );
}
