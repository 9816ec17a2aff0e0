import { addAll } from "../model/lists.ts";
import {
  awaitText,
  type ScriptCursor,
  deepestScript,
  isAtEnd,
  makeCursor,
  skipBlanks,
  skipLines,
  startsWith,
} from "./cursor.ts";
import { parseWord } from "./parse-word.ts";
import type { Assignment, Redirection, ShellBranch, ShellNode, ShellWord } from "./script.ts";

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
  if (cursor.depth >= deepestScript) return parseSimple(cursor);
  cursor.depth += 1;
  try {
    const made = parseCompound(cursor);
    if (made === undefined) return parseSimple(cursor);
    // Redirections of a whole construct are ignored, because they do not change which commands it runs.
    while (takeRedirection(cursor) !== undefined);
    return made;
  } finally {
    cursor.depth -= 1;
  }
}

function parseCompound(cursor: ScriptCursor): ShellNode | undefined {
  if (startsWith(cursor, "((")) return parseTest(cursor, "))");
  if (startsWith(cursor, "(")) {
    cursor.at += 1;
    const body = parseList(cursor, noWords);
    expect(cursor, ")");
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
      expect(cursor, word);
      const condition = parseList(cursor, new Set(["do"]));
      return { kind: "while", condition, body: parseDo(cursor) };
    }
    case "case":
      return parseCase(cursor);
    case "function":
      expect(cursor, "function");
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
    expect(cursor, ")");
  }
  skipLines(cursor);
  const body = parseCommand(cursor);
  return { kind: "function", name, body: body === undefined ? [] : [body] };
}

function parseBraces(cursor: ScriptCursor): readonly ShellNode[] {
  expect(cursor, "{");
  const body = parseList(cursor, noWords);
  expect(cursor, "}");
  return body;
}

function parseIf(cursor: ScriptCursor): ShellNode {
  const branches: ShellBranch[] = [];
  for (let word: string | undefined = "if"; word === "if" || word === "elif"; word = peekWord(cursor)) {
    expect(cursor, word);
    const condition = parseList(cursor, noWords);
    expect(cursor, "then");
    branches.push({ condition, body: parseList(cursor, noWords) });
  }
  const otherwise = expect(cursor, "else") ? parseList(cursor, noWords) : [];
  expect(cursor, "fi");
  return { kind: "if", branches, otherwise };
}

function parseFor(cursor: ScriptCursor): ShellNode {
  expect(cursor, peekWord(cursor) ?? "");
  skipBlanks(cursor);
  if (startsWith(cursor, "((")) {
    parseTest(cursor, "))");
    return { kind: "for", name: "", words: undefined, body: parseDo(cursor) };
  }
  const name = takeName(cursor);
  skipLines(cursor);
  const words = expect(cursor, "in") ? takeWords(cursor) : undefined;
  return { kind: "for", name, words, body: parseDo(cursor) };
}

/** Parses `do …; done`. */
function parseDo(cursor: ScriptCursor): readonly ShellNode[] {
  skipLines(cursor);
  if (startsWith(cursor, ";")) cursor.at += 1;
  skipLines(cursor);
  expect(cursor, "do");
  const body = parseList(cursor, noWords);
  expect(cursor, "done");
  return body;
}

function parseCase(cursor: ScriptCursor): ShellNode {
  expect(cursor, "case");
  skipBlanks(cursor);
  const at = cursor.at;
  const word = parseWord(cursor, parseSubstituted) ?? { parts: [], start: at, end: at };
  skipLines(cursor);
  expect(cursor, "in");
  const branches: { patterns: ShellWord[]; body: readonly ShellNode[] }[] = [];
  for (;;) {
    skipLines(cursor);
    if (isAtEnd(cursor) || expect(cursor, "esac")) break;
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
  const found = cursor.text.indexOf(close, start + 2);
  const end = found < 0 ? cursor.text.length : found;
  cursor.at = Math.min(end + 2, cursor.text.length);
  const body = close === "]]" && cursor.depth < deepestScript ? parseScript(cursor.text.slice(start + 2, end)) : [];
  return { kind: "test", body, start, end: cursor.at };
}

/** Parses assignments, words and redirections up to an operator or the line's end. */
function parseSimple(cursor: ScriptCursor): ShellNode | undefined {
  const start = cursor.at;
  const assignments: Assignment[] = [];
  const words: ShellWord[] = [];
  const redirections: Redirection[] = [];
  let end = start;
  for (;;) {
    skipBlanks(cursor);
    const redirection = takeRedirection(cursor);
    if (redirection !== undefined) redirections.push(redirection);
    else {
      const assignment = words.length === 0 ? takeAssignment(cursor) : undefined;
      const word = assignment === undefined ? parseWord(cursor, parseSubstituted) : undefined;
      if (assignment !== undefined) assignments.push(assignment);
      else if (word !== undefined) words.push(word);
      else break;
    }
    end = cursor.at;
  }
  if (end === start) return undefined;
  return { kind: "command", assignments, words, redirections, start, end };
}

function takeAssignment(cursor: ScriptCursor): Assignment | undefined {
  const [head, name = "", add] =
    /^([A-Za-z_]\w*)(?:\[[^\]\n]*\])?(\+?)=/.exec(cursor.text.slice(cursor.at, cursor.at + 300)) ?? [];
  if (head === undefined) return undefined;
  cursor.at += head.length;
  const isAdded = add === "+";
  if (startsWith(cursor, "(")) {
    cursor.at += 1;
    return { name, value: takeArray(cursor), isAdded };
  }
  const at = cursor.at;
  return { name, value: parseWord(cursor, parseSubstituted) ?? { parts: [], start: at, end: at }, isAdded };
}

function takeArray(cursor: ScriptCursor): readonly ShellWord[] {
  const words: ShellWord[] = [];
  for (skipLines(cursor); !isAtEnd(cursor) && !startsWith(cursor, ")"); skipLines(cursor)) {
    const word = parseWord(cursor, parseSubstituted);
    if (word === undefined) cursor.at += 1;
    else words.push(word);
  }
  cursor.at += 1;
  return words;
}

function takeRedirection(cursor: ScriptCursor): Redirection | undefined {
  skipBlanks(cursor);
  const [head, operator = ""] =
    /^\d*(<<<|<<-|<<|<>|<&|>>|>&|>\||&>>|&>|<(?!\()|>(?!\())/.exec(cursor.text.slice(cursor.at, cursor.at + 12)) ?? [];
  if (head === undefined) return undefined;
  cursor.at += head.length;
  skipBlanks(cursor);
  const at = cursor.at;
  const target = parseWord(cursor, parseSubstituted) ?? { parts: [], start: at, end: at };
  const redirection: { operator: string; target: ShellWord; body: string | undefined } = {
    operator,
    target,
    body: undefined,
  };
  if (operator === "<<" || operator === "<<-") awaitText(cursor, redirection);
  return redirection;
}

function takeWords(cursor: ScriptCursor): ShellWord[] {
  const words: ShellWord[] = [];
  for (;;) {
    skipBlanks(cursor);
    const word = parseWord(cursor, parseSubstituted);
    if (word === undefined) return words;
    words.push(word);
  }
}

function takeName(cursor: ScriptCursor): string {
  const name = /^[\w.:-]+/.exec(cursor.text.slice(cursor.at, cursor.at + 200))?.[0] ?? "";
  cursor.at += name.length;
  return name;
}

/** Returns the plain word at the cursor; undefined: an operator, or a word with quotes or variables. */
function peekWord(cursor: ScriptCursor): string | undefined {
  return /^[^\s;&|()<>$"'`\\]+(?=[\s;&|()<>]|$)/.exec(cursor.text.slice(cursor.at, cursor.at + 200))?.[0];
}

/** Skips this word or bracket if it comes next. Returns whether it did. */
function expect(cursor: ScriptCursor, word: string): boolean {
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
