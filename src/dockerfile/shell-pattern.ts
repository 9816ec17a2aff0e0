import { codePoints, escapeRegExp } from "./go-text.ts";

/** A fault in an expression such as `${X:?must be set}`; the caller knows the place. */
export class ExpandError extends Error {
  override readonly name = "ExpandError";
}

/** Removes the shortest (`#`, `%`) or longest (`##`, `%%`) beginning or end that matches. */
export function trimMatching(value: string, word: string, operator: string): string {
  const isGreedy = word.startsWith(operator);
  const expression = new RegExp(`^(?:${shellPattern(isGreedy ? word.slice(1) : word)})$`, "u");
  const characters = codePoints(value);
  const lengths = characters.map((_, index) => index).concat(characters.length);
  if (isGreedy) lengths.reverse();
  for (const length of lengths) {
    const cut = operator === "#" ? length : characters.length - length;
    const head = characters.slice(0, cut).join("");
    const tail = characters.slice(cut).join("");
    if (expression.test(operator === "#" ? head : tail)) return operator === "#" ? tail : head;
  }
  return value;
}

/** Puts the replacement where the pattern matches, as long as it can: once, or everywhere. */
export function replaceMatching(value: string, pattern: string, replacement: string, isForAll: boolean): string {
  const expression = new RegExp(shellPattern(pattern), isForAll ? "gu" : "u");
  return value.replace(expression, (match) => (isForAll ? fillTemplate(replacement, match) : replacement));
}

/** A shell pattern (`*`, `?`, backslash) as a regular expression. */
function shellPattern(pattern: string): string {
  const characters = codePoints(pattern);
  let source = "";
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "*") {
      source += "[^\\n]*";
    } else if (character === "?") {
      source += "[^\\n]";
    } else if (character === "\\") {
      const escaped = characters[at + 1];
      if (escaped === "}" || escaped === "/") continue;
      if (escaped !== "*" && escaped !== "?" && escaped !== "\\") {
        throw new ExpandError(`"\\${escaped ?? ""}" is no escape in the pattern "${pattern}"`);
      }
      at++;
      source += escapeRegExp(escaped);
    } else {
      source += escapeRegExp(character);
    }
  }
  return source;
}

/** Go's replacement templates: `$0` is the match; other groups do not exist here and are empty. */
function fillTemplate(template: string, match: string): string {
  return template.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
    if (whole === "$$") return "$";
    return (braced ?? plain) === "0" ? match : "";
  });
}
