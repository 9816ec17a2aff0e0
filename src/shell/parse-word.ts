import { type ScriptCursor, deepestScript, isAtEnd, startsWith } from "./cursor.ts";
import type { ShellNode, ShellWord, WordPart } from "./script.ts";

/** Parses the commands of a substitution up to its closing parenthesis. */
export type ReadBody = (cursor: ScriptCursor) => readonly ShellNode[];

/** Parses the word at the cursor; undefined: an operator, a line's end, or the end of the script. */
export function parseWord(cursor: ScriptCursor, readBody: ReadBody): ShellWord | undefined {
  const start = cursor.at;
  const parts: WordPart[] = [];
  while (!isAtEnd(cursor)) {
    const character = cursor.text.charAt(cursor.at);
    if (isProcess(cursor)) parts.push(takeBalanced(cursor, "(", ")", 1));
    else if (/[\s;&|()<>]/.test(character)) break;
    else if (character === "\\") takeEscape(cursor, parts);
    else if (character === "'") takeQuoted(cursor, parts);
    else if (character === '"') takeDoubleQuoted(cursor, parts, readBody);
    else if (character === "$" || character === "`") parts.push(takeDollar(cursor, false, readBody));
    else addText(parts, takeCharacter(cursor));
  }
  return cursor.at === start ? undefined : { parts, start, end: cursor.at };
}

/** Whether a process substitution begins here: `<(…)` or `>(…)`. */
function isProcess(cursor: ScriptCursor): boolean {
  return startsWith(cursor, "<(") || startsWith(cursor, ">(");
}

function takeCharacter(cursor: ScriptCursor): string {
  cursor.at += 1;
  return cursor.text.charAt(cursor.at - 1);
}

function addText(parts: WordPart[], text: string): void {
  const last = parts.at(-1);
  if (last?.kind === "text") parts[parts.length - 1] = { kind: "text", text: last.text + text };
  else parts.push({ kind: "text", text });
}

function takeEscape(cursor: ScriptCursor, parts: WordPart[]): void {
  const next = cursor.text.charAt(cursor.at + 1);
  cursor.at += 2;
  if (next !== "\n") addText(parts, next);
}

/** Parses single quotes. The shell expands nothing between them, but GitHub replaces its expressions before the shell runs. */
function takeQuoted(cursor: ScriptCursor, parts: WordPart[]): void {
  cursor.at += 1;
  addText(parts, "");
  while (!isAtEnd(cursor) && !startsWith(cursor, "'")) {
    if (startsWith(cursor, "${{")) parts.push(takeExpression(cursor));
    else addText(parts, takeCharacter(cursor));
  }
  cursor.at += 1;
}

function takeDoubleQuoted(cursor: ScriptCursor, parts: WordPart[], readBody: ReadBody): void {
  cursor.at += 1;
  addText(parts, "");
  while (!isAtEnd(cursor) && !startsWith(cursor, '"')) {
    const character = cursor.text.charAt(cursor.at);
    if (character === "$" || character === "`") parts.push(takeDollar(cursor, true, readBody));
    else if (character === "\\" && /[$`"\\\n]/.test(cursor.text.charAt(cursor.at + 1))) takeEscape(cursor, parts);
    else addText(parts, takeCharacter(cursor));
  }
  cursor.at += 1;
}

/** Parses any part that begins with `$`, or a substitution between backticks. */
function takeDollar(cursor: ScriptCursor, isQuoted: boolean, readBody: ReadBody): WordPart {
  if (startsWith(cursor, "`")) return takeBackticks(cursor, isQuoted);
  if (startsWith(cursor, "${{")) return takeExpression(cursor);
  if (startsWith(cursor, "$((")) return takeBalanced(cursor, "(", ")", 1);
  if (startsWith(cursor, "$(")) return takeSubstitution(cursor, isQuoted, readBody);
  if (startsWith(cursor, "${")) return takeBraces(cursor, isQuoted);
  if (startsWith(cursor, "$'") && !isQuoted) {
    cursor.at += 1;
    const parts: WordPart[] = [];
    takeQuoted(cursor, parts);
    return parts[0] ?? { kind: "text", text: "" };
  }
  const name = /^(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(cursor.text.slice(cursor.at + 1, cursor.at + 200))?.[0];
  if (name === undefined) return { kind: "text", text: takeCharacter(cursor) };
  cursor.at += name.length + 1;
  return { kind: "variable", name, raw: `$${name}`, isQuoted };
}

/** Limit of an expression's length, so that `${{` without an end does not make the parser search the whole script. */
const longestExpression = 4000;

function takeExpression(cursor: ScriptCursor): WordPart {
  const start = cursor.at;
  const length = cursor.text.slice(start, start + longestExpression).indexOf("}}");
  if (length < 0) return { kind: "text", text: takeCharacter(cursor) };
  const end = start + length;
  cursor.at = end + 2;
  return {
    kind: "expression",
    inside: cursor.text.slice(start + 3, end).trim(),
    raw: cursor.text.slice(start, end + 2),
  };
}

function takeSubstitution(cursor: ScriptCursor, isQuoted: boolean, readBody: ReadBody): WordPart {
  if (cursor.depth >= deepestScript) return takeBalanced(cursor, "(", ")", 1);
  const start = cursor.at;
  cursor.at += 2;
  cursor.depth += 1;
  const body = readBody(cursor);
  cursor.depth -= 1;
  if (startsWith(cursor, ")")) cursor.at += 1;
  return { kind: "substitution", body, raw: cursor.text.slice(start, cursor.at), isQuoted };
}

/** Parses backticks as an unknown value: their contents have other quoting rules, and builds are not written there. */
function takeBackticks(cursor: ScriptCursor, isQuoted: boolean): WordPart {
  const start = cursor.at;
  cursor.at += 1;
  while (!isAtEnd(cursor) && !startsWith(cursor, "`")) cursor.at += startsWith(cursor, "\\") ? 2 : 1;
  cursor.at += 1;
  return { kind: "substitution", body: [], raw: cursor.text.slice(start, cursor.at), isQuoted };
}

function takeBraces(cursor: ScriptCursor, isQuoted: boolean): WordPart {
  const start = cursor.at;
  const { raw } = takeBalanced(cursor, "{", "}", 1);
  cursor.at = start + raw.length;
  const inside = raw.slice(2, -1);
  const name = /^(?:[A-Za-z_]\w*|[0-9@*#?]+)/.exec(inside)?.[0];
  if (name === undefined) return { kind: "other", raw };
  const operation = inside.slice(name.length);
  return operation === ""
    ? { kind: "variable", name, raw, isQuoted }
    : { kind: "expansion", name, operation, raw, isQuoted };
}

/** Returns the text from the cursor to the bracket that closes the one at `offset`, and skips it. Brackets in quotes and escapes do not count. */
function takeBalanced(
  cursor: ScriptCursor,
  open: string,
  close: string,
  offset: number,
): { kind: "other"; raw: string } {
  const start = cursor.at;
  let depth = 0;
  let quote = "";
  for (cursor.at += offset; !isAtEnd(cursor); cursor.at += 1) {
    const character = cursor.text.charAt(cursor.at);
    if (character === "\\") cursor.at += 1;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (character === open) depth += 1;
    else if (character === close) {
      depth -= 1;
      if (depth === 0) break;
    }
  }
  cursor.at = Math.min(cursor.at + 1, cursor.text.length);
  return { kind: "other", raw: cursor.text.slice(start, cursor.at) };
}
