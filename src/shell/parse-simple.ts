import { awaitText, isAtEnd, type ScriptCursor, skipBlanks, skipLines, startsWith } from "./cursor.ts";
import { parseWord, type ReadBody } from "./parse-word.ts";
import type { Assignment, Redirection, ShellNode, ShellWord } from "./script.ts";

/** Parses assignments, words and redirections up to an operator or the line's end. */
export function parseSimple(cursor: ScriptCursor, readBody: ReadBody): ShellNode | undefined {
  const start = cursor.at;
  const assignments: Assignment[] = [];
  const words: ShellWord[] = [];
  const redirections: Redirection[] = [];
  let end = start;
  for (;;) {
    skipBlanks(cursor);
    const redirection = takeRedirection(cursor, readBody);
    if (redirection !== undefined) redirections.push(redirection);
    else {
      const assignment = words.length === 0 ? takeAssignment(cursor, readBody) : undefined;
      const word = assignment === undefined ? parseWord(cursor, readBody) : undefined;
      if (assignment !== undefined) assignments.push(assignment);
      else if (word !== undefined) words.push(word);
      else break;
    }
    end = cursor.at;
  }
  if (end === start) return undefined;
  return { kind: "command", assignments, words, redirections, start, end };
}

function takeAssignment(cursor: ScriptCursor, readBody: ReadBody): Assignment | undefined {
  const [head, name = "", add] =
    /^([A-Za-z_]\w*)(?:\[[^\]\n]*\])?(\+?)=/.exec(cursor.text.slice(cursor.at, cursor.at + 300)) ?? [];
  if (head === undefined) return undefined;
  cursor.at += head.length;
  const isAdded = add === "+";
  if (startsWith(cursor, "(")) {
    cursor.at += 1;
    return { name, value: takeArray(cursor, readBody), isAdded };
  }
  const at = cursor.at;
  return { name, value: parseWord(cursor, readBody) ?? { parts: [], start: at, end: at }, isAdded };
}

function takeArray(cursor: ScriptCursor, readBody: ReadBody): readonly ShellWord[] {
  const words: ShellWord[] = [];
  for (skipLines(cursor); !isAtEnd(cursor) && !startsWith(cursor, ")"); skipLines(cursor)) {
    const word = parseWord(cursor, readBody);
    if (word === undefined) cursor.at += 1;
    else words.push(word);
  }
  cursor.at += 1;
  return words;
}

/** Parses a redirection; undefined: there is none at the cursor. A here-document's text is set when its line has ended. */
export function takeRedirection(cursor: ScriptCursor, readBody: ReadBody): Redirection | undefined {
  skipBlanks(cursor);
  const [head, operator = ""] =
    /^\d*(<<<|<<-|<<|<>|<&|>>|>&|>\||&>>|&>|<(?!\()|>(?!\())/.exec(cursor.text.slice(cursor.at, cursor.at + 12)) ?? [];
  if (head === undefined) return undefined;
  cursor.at += head.length;
  skipBlanks(cursor);
  const at = cursor.at;
  const target = parseWord(cursor, readBody) ?? { parts: [], start: at, end: at };
  const redirection: { operator: string; target: ShellWord; body: string | undefined } = {
    operator,
    target,
    body: undefined,
  };
  if (operator === "<<" || operator === "<<-") awaitText(cursor, redirection);
  return redirection;
}

/** Parses words up to an operator or the line's end. */
export function takeWords(cursor: ScriptCursor, readBody: ReadBody): ShellWord[] {
  const words: ShellWord[] = [];
  for (;;) {
    skipBlanks(cursor);
    const word = parseWord(cursor, readBody);
    if (word === undefined) return words;
    words.push(word);
  }
}

/** Parses a name; empty: there is none. */
export function takeName(cursor: ScriptCursor): string {
  const name = /^[\w.:-]+/.exec(cursor.text.slice(cursor.at, cursor.at + 200))?.[0] ?? "";
  cursor.at += name.length;
  return name;
}

/** Returns the plain word at the cursor; undefined: an operator, or a word with quotes or variables. */
export function peekWord(cursor: ScriptCursor): string | undefined {
  return /^[^\s;&|()<>$"'`\\]+(?=[\s;&|()<>]|$)/.exec(cursor.text.slice(cursor.at, cursor.at + 200))?.[0];
}

/** Skips this word or bracket if it comes next. Returns whether it did. */
export function skipWord(cursor: ScriptCursor, word: string): boolean {
  if (word === "") return false;
  skipLines(cursor);
  if (startsWith(cursor, ";") && !startsWith(cursor, ";;")) {
    cursor.at += 1;
    skipLines(cursor);
  }
  const isNext = /^\w/.test(word) ? peekWord(cursor) === word : startsWith(cursor, word);
  if (isNext) cursor.at += word.length;
  return isNext;
}
