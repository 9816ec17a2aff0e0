import { addAll } from "../model/lists.ts";
import { deepestScript, isAtEnd, makeCursor, type ScriptCursor, skipBlanks, skipLines, startsWith } from "./cursor.ts";
import { parseSimple, peekWord, skipWord, takeName, takeRedirection, takeWords } from "./parse-simple.ts";
import { parseWord } from "./parse-word.ts";
import type { Redirection, ShellBranch, ShellNode, ShellWord } from "./script.ts";

/** Parses a shell script. Syntax that it does not know is read as a command, so that the rest of the script is still parsed. */
export function parseScript(text: string): readonly ShellNode[] {
  const cursor = makeCursor(text.replaceAll("\r\n", "\n"));
  const nodes: ShellNode[] = [];
  while (!isAtEnd(cursor)) {
    addAll(nodes, parseList(cursor, noWords));
    // A closing word or bracket without its opening one is skipped.
    if (!isAtEnd(cursor) && parseWord(cursor, parseSubstituted) === undefined) cursor.at += 1;
  }
  return nodes;
}

const noWords: ReadonlySet<string> = new Set();
const reserved: ReadonlySet<string> = new Set(["then", "elif", "else", "fi", "do", "done", "esac", "}"]);

function parseSubstituted(cursor: ScriptCursor): readonly ShellNode[] {
  return parseList(cursor, noWords);
}

/** Parses commands up to one of these words, a closing bracket or `;;`. */
function parseList(cursor: ScriptCursor, ends: ReadonlySet<string>): ShellNode[] {
  const nodes: ShellNode[] = [];
  for (;;) {
    skipLines(cursor);
    if (isAtEnd(cursor) || startsWith(cursor, ")") || startsWith(cursor, ";;")) return nodes;
    if (startsWith(cursor, ";") || startsWith(cursor, "&")) {
      cursor.at += 1;
      continue;
    }
    const word = peekWord(cursor);
    if (word !== undefined && (ends.has(word) || reserved.has(word))) return nodes;
    const before = cursor.at;
    const node = parseChain(cursor);
    if (node !== undefined) nodes.push(node);
    else if (cursor.at === before) cursor.at += 1;
  }
}

/** Parses pipelines that are joined by `&&` and `||`. */
function parseChain(cursor: ScriptCursor): ShellNode | undefined {
  let left = parsePipeline(cursor);
  for (;;) {
    skipBlanks(cursor);
    const kind = startsWith(cursor, "&&") ? "and" : startsWith(cursor, "||") ? "or" : undefined;
    if (kind === undefined || left === undefined) return left;
    cursor.at += 2;
    skipLines(cursor);
    const right = parsePipeline(cursor);
    if (right === undefined) return left;
    left = { kind, left, right };
  }
}

function parsePipeline(cursor: ScriptCursor): ShellNode | undefined {
  const commands: ShellNode[] = [];
  for (;;) {
    skipBlanks(cursor);
    const command = parseCommand(cursor);
    if (command === undefined) break;
    commands.push(command);
    skipBlanks(cursor);
    if (!startsWith(cursor, "|") || startsWith(cursor, "||")) break;
    cursor.at += startsWith(cursor, "|&") ? 2 : 1;
    skipLines(cursor);
  }
  const [first] = commands;
  return commands.length > 1 ? { kind: "pipeline", commands } : first;
}

function parseCommand(cursor: ScriptCursor): ShellNode | undefined {
  if (cursor.depth >= deepestScript) return parseSimple(cursor, parseSubstituted);
  cursor.depth += 1;
  try {
    const made = parseCompound(cursor);
    if (made === undefined) return parseSimple(cursor, parseSubstituted);
    const redirections: Redirection[] = [];
    for (;;) {
      const redirection = takeRedirection(cursor, parseSubstituted);
      if (redirection === undefined) break;
      redirections.push(redirection);
    }
    return redirections.length === 0 ? made : { kind: "redirected", node: made, redirections };
  } finally {
    cursor.depth -= 1;
  }
}

function parseCompound(cursor: ScriptCursor): ShellNode | undefined {
  if (startsWith(cursor, "((")) return parseTest(cursor, "))");
  if (startsWith(cursor, "(")) {
    cursor.at += 1;
    const body = parseList(cursor, noWords);
    skipWord(cursor, ")");
    return { kind: "group", isSubshell: true, body };
  }
  const word = peekWord(cursor);
  switch (word) {
    case "[[":
      return parseTest(cursor, "]]");
    case "{":
      return { kind: "group", isSubshell: false, body: parseBraces(cursor) };
    case "if":
      return parseIf(cursor);
    case "for":
    case "select":
      return parseFor(cursor);
    case "while":
    case "until": {
      skipWord(cursor, word);
      const condition = parseList(cursor, new Set(["do"]));
      return { kind: "while", condition, body: parseDo(cursor) };
    }
    case "case":
      return parseCase(cursor);
    case "function":
      skipWord(cursor, "function");
      skipBlanks(cursor);
      return parseFunction(cursor);
    case undefined:
      return undefined;
    default:
      return isFunctionHead(cursor, word) ? parseFunction(cursor) : undefined;
  }
}

/** Whether a function's definition begins here: `name()`. */
function isFunctionHead({ text, at }: ScriptCursor, word: string): boolean {
  const end = at + word.length;
  return /^[\w.:-]+$/.test(word) && /^[ \t]*\([ \t]*\)/.test(text.slice(end, end + 20));
}

function parseFunction(cursor: ScriptCursor): ShellNode {
  const name = takeName(cursor);
  skipBlanks(cursor);
  if (startsWith(cursor, "(")) {
    cursor.at += 1;
    skipBlanks(cursor);
    skipWord(cursor, ")");
  }
  skipLines(cursor);
  const body = parseCommand(cursor);
  return { kind: "function", name, body: body === undefined ? [] : [body] };
}

function parseBraces(cursor: ScriptCursor): readonly ShellNode[] {
  skipWord(cursor, "{");
  const body = parseList(cursor, noWords);
  skipWord(cursor, "}");
  return body;
}

function parseIf(cursor: ScriptCursor): ShellNode {
  const branches: ShellBranch[] = [];
  for (let word: string | undefined = "if"; word === "if" || word === "elif"; word = peekWord(cursor)) {
    skipWord(cursor, word);
    const condition = parseList(cursor, noWords);
    skipWord(cursor, "then");
    branches.push({ condition, body: parseList(cursor, noWords) });
  }
  const otherwise = skipWord(cursor, "else") ? parseList(cursor, noWords) : [];
  skipWord(cursor, "fi");
  return { kind: "if", branches, otherwise };
}

function parseFor(cursor: ScriptCursor): ShellNode {
  skipWord(cursor, peekWord(cursor) ?? "");
  skipBlanks(cursor);
  if (startsWith(cursor, "((")) {
    parseTest(cursor, "))");
    return { kind: "for", name: "", words: undefined, body: parseDo(cursor) };
  }
  const name = takeName(cursor);
  skipLines(cursor);
  const words = skipWord(cursor, "in") ? takeWords(cursor, parseSubstituted) : undefined;
  return { kind: "for", name, words, body: parseDo(cursor) };
}

/** Parses `do …; done`. */
function parseDo(cursor: ScriptCursor): readonly ShellNode[] {
  skipLines(cursor);
  if (startsWith(cursor, ";")) cursor.at += 1;
  skipLines(cursor);
  skipWord(cursor, "do");
  const body = parseList(cursor, noWords);
  skipWord(cursor, "done");
  return body;
}

function parseCase(cursor: ScriptCursor): ShellNode {
  skipWord(cursor, "case");
  skipBlanks(cursor);
  const at = cursor.at;
  const word = parseWord(cursor, parseSubstituted) ?? { parts: [], start: at, end: at };
  skipLines(cursor);
  skipWord(cursor, "in");
  const branches: { patterns: ShellWord[]; body: readonly ShellNode[] }[] = [];
  for (;;) {
    skipLines(cursor);
    if (isAtEnd(cursor) || skipWord(cursor, "esac")) break;
    if (startsWith(cursor, "(")) cursor.at += 1;
    const before = cursor.at;
    const patterns = takePatterns(cursor);
    branches.push({ patterns, body: parseList(cursor, noWords) });
    if (startsWith(cursor, ";;")) cursor.at += startsWith(cursor, ";;&") ? 3 : 2;
    if (cursor.at === before) cursor.at += 1;
  }
  return { kind: "case", word, branches };
}

/** Parses the patterns of a `case` branch: `a|b)`. */
function takePatterns(cursor: ScriptCursor): ShellWord[] {
  const patterns: ShellWord[] = [];
  for (;;) {
    skipBlanks(cursor);
    const pattern = parseWord(cursor, parseSubstituted);
    if (pattern !== undefined) patterns.push(pattern);
    skipBlanks(cursor);
    if (!startsWith(cursor, "|")) break;
    cursor.at += 1;
  }
  if (startsWith(cursor, ")")) cursor.at += 1;
  return patterns;
}

function parseTest(cursor: ScriptCursor, close: "]]" | "))"): ShellNode {
  const start = cursor.at;
  // In a regular expression, `]]` may end a set.
  const found =
    close === "]]" ? cursor.text.slice(start).search(/\s\]\]/) + 1 : cursor.text.slice(start).indexOf(close, 2);
  const end = found <= 0 ? cursor.text.length : start + found;
  cursor.at = Math.min(end + 2, cursor.text.length);
  const inside = cursor.text.slice(start + 2, end);
  const body = close === "]]" && cursor.depth < deepestScript ? parseScript(quotePatterns(inside)) : [];
  return { kind: "test", body, start, end: cursor.at };
}

/** Quotes the regular expressions of a test (`=~ ^v(1|2)$`), whose `(` and `|` are no operators of the shell. One with variables stays. */
function quotePatterns(test: string): string {
  return test.replaceAll(/(\s=~\s+)([^\s"'`]+)(?=\s|$)/g, (whole, operator: string, pattern: string) =>
    /\$[^)|]/.test(pattern) ? whole : `${operator}'${pattern}'`,
  );
}
