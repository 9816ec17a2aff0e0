import { posix } from "node:path";
import { expandFields, expandText, type ShellText } from "./expand-word.ts";
import { unknownVariable } from "./join-values.ts";
import type { Assignment, Redirection, ShellNode, ShellWord, SimpleCommand } from "./script.ts";
import { inSubshell, type ScriptState } from "./script-state.ts";

const deepestCall = 20;

/** Follows a simple command: it sets variables, calls a function, leaves a construct, or is recorded. */
export function runSimple(command: SimpleCommand, state: ScriptState): void {
  const own = command.assignments.flatMap(({ name, value, isAdded }) => {
    if (!isWord(value)) {
      const words = value.flatMap((word) => expandFields(word, state));
      state.arrays.set(name, isAdded ? [...(state.arrays.get(name) ?? []), ...words] : words);
      return [];
    }
    const text = expandText(value, state);
    const before = state.variables.get(name);
    return [[name, isAdded && before !== undefined ? join(before, text) : text] as const];
  });
  for (const substituted of substitutionsOf(command)) runSubstituted(substituted, state);
  const written = command.words.flatMap((word) => expandFields(word, state));
  const words = written[0]?.text === "!" ? written.slice(1) : written;
  if (words.length === 0) return setAll(state, own);
  const [name = "", ...args] = words.map(({ text }) => text);
  const body = state.functions.get(name);
  if (body !== undefined) return callFunction(body, words.slice(1), state);
  if (runBuiltin(name, words.slice(1), state)) return;
  if (name === "cd" || name === "pushd") return void (state.folder = enterFolder(state.folder, words[1]));
  if (name === "exit" || name === "return") return leave(state, name, args[0]);
  if (name === "break" || name === "continue") return void (state.leaving = name === "break" ? "loop" : "turn");
  state.commands.push({
    words,
    variables: new Map([...state.variables, ...own]),
    folder: state.folder,
    conditions: state.conditions,
    writes: [...writtenFiles(command.redirections, state), ...state.writes],
    isSubstituted: state.isSubstituted,
    input: command.redirections.find(({ body: text }) => text !== undefined)?.body,
    start: command.start,
    end: command.end,
  });
}

function leave(state: ScriptState, name: "exit" | "return", code = "0"): void {
  if (code !== "0") state.leaving = "failure";
  else state.leaving = name === "exit" ? "script" : "function";
}

function isWord(value: Assignment["value"]): value is ShellWord {
  return "parts" in value;
}

function join(left: ShellText, right: ShellText): ShellText {
  return { text: left.text + right.text, unknown: [...left.unknown, ...right.unknown] };
}

function setAll(state: ScriptState, values: readonly (readonly [string, ShellText])[]): void {
  for (const [name, value] of values) state.variables.set(name, value);
}

function substitutionsOf({ words, assignments }: SimpleCommand): (readonly ShellNode[])[] {
  const all = [...words, ...assignments.flatMap(({ value }) => value)];
  return all.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "substitution" ? [part.body] : [])));
}

function callFunction(body: readonly ShellNode[], args: readonly ShellText[], state: ScriptState): void {
  if (state.depth >= deepestCall) return;
  const before = state.args;
  state.depth += 1;
  state.args = args;
  state.runAll(body, state);
  state.args = before;
  state.depth -= 1;
  if (state.leaving === "function") state.leaving = undefined;
}

/** Runs a builtin that only sets variables or tests. Returns false for other commands. */
function runBuiltin(name: string, words: readonly ShellText[], state: ScriptState): boolean {
  switch (name) {
    case "export":
    case "local":
    case "readonly":
    case "declare":
    case "typeset":
      for (const { text, unknown } of words) {
        const equals = text.indexOf("=");
        if (equals > 0) state.variables.set(text.slice(0, equals), { text: text.slice(equals + 1), unknown });
      }
      return true;
    case "read":
    case "mapfile":
    case "readarray":
    case "unset":
      for (const { text } of words) if (/^[A-Za-z_]\w*$/.test(text)) state.variables.set(text, unknownVariable(text));
      return true;
    case "[":
    case "test":
      return true;
    case "shift":
      state.args = state.args?.slice(Number(words[0]?.text ?? "1") || 1);
      return true;
    default:
      return false;
  }
}

function enterFolder(from: ShellText, to: ShellText | undefined): ShellText {
  if (to === undefined || to.text === "-" || to.unknown.length > 0 || posix.isAbsolute(to.text))
    return { text: to?.text ?? "~", unknown: [to?.text ?? "~"] };
  return { text: posix.join(from.text, to.text), unknown: from.unknown };
}

function runSubstituted(body: readonly ShellNode[], state: ScriptState): void {
  const { isSubstituted, writes } = state;
  // The output of these commands goes into a word, not to the files around.
  state.isSubstituted = true;
  state.writes = [];
  inSubshell(state, () => state.runAll(body, state));
  state.isSubstituted = isSubstituted;
  state.writes = writes;
}

/** Returns the files to which redirections write. */
export function writtenFiles(redirections: readonly Redirection[], state: ScriptState): ShellText[] {
  return redirections.filter(({ operator }) => operator.includes(">")).map(({ target }) => expandText(target, state));
}
