import { posix } from "node:path";
import { expandText, expandFields, type ShellText, type ShellValues } from "./expand-word.ts";
import { decideTest } from "./decide-test.ts";
import { matchesGlob } from "./glob.ts";
import { joinArrays, joinVariables, unknownVariable } from "./join-values.ts";
import { type Assignment, extentOf, type ShellNode, type ShellWord, type SimpleCommand } from "./script.ts";

/** Command that a script runs, or may run. */
export interface RunCommand {
  readonly words: readonly ShellText[];
  /** Variables of the script at this command, and those that are set for this command alone. */
  readonly variables: ReadonlyMap<string, ShellText>;
  /** Working folder of the command, relative to the script's first one. */
  readonly folder: ShellText;
  /** Conditions of the script around the command, as written. */
  readonly conditions: readonly string[];
  /** Files to which its output is written. */
  readonly writes: readonly ShellText[];
  /** Whether its output is substituted into another command. */
  readonly isSubstituted: boolean;
  /** Text of the script that it reads from standard input, such as a here-document. */
  readonly input: string | undefined;
  /** Offset in the script at which it begins. */
  readonly start: number;
  readonly end: number;
}

/** Values and working folder with which a script starts. */
export interface ScriptStart extends ShellValues {
  readonly folder: ShellText;
}

/** Construct that a command leaves: an iteration, a loop, a function, or the script, with success or with a failure. */
type Leaving = "turn" | "loop" | "function" | "script" | "failure";

interface State {
  readonly text: string;
  readonly evaluate: ShellValues["evaluate"];
  readonly functions: Map<string, readonly ShellNode[]>;
  readonly commands: RunCommand[];
  variables: Map<string, ShellText>;
  arrays: Map<string, readonly ShellText[]>;
  args: readonly ShellText[] | undefined;
  folder: ShellText;
  conditions: readonly string[];
  leaving: Leaving | undefined;
  isSubstituted: boolean;
  depth: number;
}

/** Limits that end loops and recursive functions. */
const mostCommands = 2000;
const deepestCall = 20;
const mostTurns = 64;

/**
 * Follows a script without running it: variables, loops over known words, functions, and conditions over known values. Where a condition is unknown,
 * both branches are followed, and their commands carry the condition.
 */
export function followScript(nodes: readonly ShellNode[], text: string, start: ScriptStart): readonly RunCommand[] {
  const state: State = {
    text,
    evaluate: start.evaluate,
    functions: new Map(),
    commands: [],
    variables: new Map(start.variables),
    arrays: new Map(),
    args: start.args,
    folder: start.folder,
    conditions: [],
    leaving: undefined,
    isSubstituted: false,
    depth: 0,
  };
  runAll(nodes, state);
  return state.commands;
}

function runAll(nodes: readonly ShellNode[], state: State): void {
  for (const node of nodes) {
    if (state.leaving !== undefined || state.commands.length >= mostCommands) return;
    run(node, state);
  }
}

function run(node: ShellNode, state: State): void {
  switch (node.kind) {
    case "command":
      return runCommand(node, state);
    case "pipeline":
      for (const each of node.commands) inSubshell(state, () => run(each, state));
      return;
    case "and":
    case "or":
      return runChain(node, state);
    case "test":
      return;
    case "if":
      return runIf(node, state);
    case "for":
      return runFor(node, state);
    case "while":
      return runWhile(node, state);
    case "case":
      return runCase(node, state);
    case "function":
      state.functions.set(node.name, node.body);
      return;
    case "group":
      if (node.isSubshell) inSubshell(state, () => runAll(node.body, state));
      else runAll(node.body, state);
  }
}

function runChain({ kind, left, right }: ShellNode & { kind: "and" | "or" }, state: State): void {
  const holds = decide(left, state);
  run(left, state);
  const runs = holds === undefined ? undefined : holds === (kind === "and");
  if (runs === false || state.leaving !== undefined) return;
  // `&&` after a command that is not a test is followed without a condition, because such a command normally succeeds.
  if (runs === true || (kind === "and" && !isTest(left))) return run(right, state);
  const condition = textOf([left], state);
  perhaps(state, kind === "and" ? condition : `not ${condition}`, () => run(right, state));
}

function runIf({ branches, otherwise }: ShellNode & { kind: "if" }, state: State): void {
  const ways: { condition: string | undefined; body: readonly ShellNode[] }[] = [];
  const refused: string[] = [];
  let isDecided = false;
  for (const { condition, body } of branches) {
    runAll(condition, state);
    const holds = decideAll(condition, state);
    if (holds === false) continue;
    const text = textOf(condition, state);
    ways.push({ condition: holds === true && refused.length === 0 ? undefined : text, body });
    refused.push(text);
    if (holds === true) {
      isDecided = true;
      break;
    }
  }
  if (!isDecided)
    ways.push({ condition: refused.length === 0 ? undefined : `not ${refused.join(" or ")}`, body: otherwise });
  runWays(ways, state);
}

function runCase({ word, branches }: ShellNode & { kind: "case" }, state: State): void {
  const value = expandText(word, state);
  const ways: { condition: string | undefined; body: readonly ShellNode[] }[] = [];
  for (const { patterns, body } of branches) {
    const fits = patterns.map((pattern) => fitsPattern(value, pattern, state));
    if (fits.every((each) => each === false)) continue;
    const isSure = fits.includes(true) && ways.length === 0;
    const text = patterns.map((pattern) => state.text.slice(pattern.start, pattern.end)).join("|");
    ways.push({ condition: isSure ? undefined : `case ${value.text} in ${text}`, body });
    if (fits.includes(true)) break;
  }
  runWays(ways, state);
}

function fitsPattern(value: ShellText, pattern: ShellWord, state: State): boolean | undefined {
  const { text, unknown } = expandText(pattern, state);
  if (text === "*") return true;
  return value.unknown.length > 0 || unknown.length > 0 ? undefined : matchesGlob(value.text, text);
}

/** Follows branches of which only one runs. Variables that they set to different values are unknown afterwards. */
function runWays(
  ways: readonly { readonly condition: string | undefined; readonly body: readonly ShellNode[] }[],
  state: State,
): void {
  const [only] = ways;
  if (only !== undefined && only.condition === undefined) return runAll(only.body, state);
  const { variables, arrays } = state;
  const results = ways.map(({ condition, body }) => {
    Object.assign(state, { variables: new Map(variables), arrays: new Map(arrays) });
    const ended = perhapsEnding(state, condition ?? "", () => runAll(body, state));
    return ended ? undefined : { variables: state.variables, arrays: state.arrays };
  });
  const left = results.filter((each) => each !== undefined);
  joinStates(state, left.length === 0 ? [{ variables, arrays }] : left);
}

function joinStates(state: State, all: readonly Pick<State, "variables" | "arrays">[]): void {
  state.variables = joinVariables(all.map(({ variables }) => variables));
  const names = new Set(all.flatMap(({ arrays }) => [...arrays.keys()]));
  state.arrays = new Map(
    [...names].map((name) => [
      name,
      joinArrays(
        name,
        all.map(({ arrays }) => arrays.get(name) ?? []),
      ),
    ]),
  );
}

/** Repeats the body while the condition is known to hold. If it is unknown, the body is followed once, under the condition. */
function runWhile({ condition, body }: ShellNode & { kind: "while" }, state: State): void {
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const holds = decideAll(condition, state);
    if (holds === false) return;
    if (holds === undefined)
      return perhaps(state, textOf(condition, state), () => {
        runAll(condition, state);
        runAll(body, state);
        leaveLoop(state);
      });
    runAll(body, state);
    if (leaveLoop(state)) return;
  }
}

/** Ends an iteration. Returns whether the loop ends. */
function leaveLoop(state: State): boolean {
  if (state.leaving === "turn") state.leaving = undefined;
  const ends = state.leaving !== undefined;
  if (state.leaving === "loop") state.leaving = undefined;
  return ends;
}

function runFor({ name, words, body }: ShellNode & { kind: "for" }, state: State): void {
  const values = words?.flatMap((word) => expandFields(word, state)) ?? state.args;
  const isKnown =
    values !== undefined && values.every(({ unknown, text }) => unknown.length === 0 && !/[*?{]/.test(text));
  if (!isKnown || values.length > mostTurns) {
    state.variables.set(name, unknownVariable(name));
    runAll(body, state);
    leaveLoop(state);
    return;
  }
  for (const value of values) {
    state.variables.set(name, value);
    runAll(body, state);
    if (leaveLoop(state)) return;
  }
}

function inSubshell(state: State, work: () => void): void {
  const { variables, arrays, folder, leaving } = state;
  state.variables = new Map(variables);
  state.arrays = new Map(arrays);
  work();
  Object.assign(state, { variables, arrays, folder, leaving });
}

function runSubstituted(body: readonly ShellNode[], state: State): void {
  const before = state.isSubstituted;
  state.isSubstituted = true;
  inSubshell(state, () => runAll(body, state));
  state.isSubstituted = before;
}

function perhaps(state: State, condition: string, work: () => void): void {
  const before = { variables: new Map(state.variables), arrays: new Map(state.arrays) };
  const ended = perhapsEnding(state, condition, work);
  joinStates(state, ended ? [before] : [before, state]);
}

/**
 * Follows commands under a condition. Returns whether they leave the construct around them: then later commands carry the opposite condition. A
 * failure adds no condition, because scripts are assumed to succeed.
 */
function perhapsEnding(state: State, condition: string, work: () => void): boolean {
  const { conditions, folder } = state;
  state.conditions = [...conditions, condition];
  work();
  const { leaving } = state;
  state.leaving = undefined;
  state.folder = folder;
  const isLeft = leaving !== undefined && leaving !== "failure";
  state.conditions = isLeft ? [...conditions, `not ${condition}`] : conditions;
  return leaving !== undefined;
}

function runCommand(command: SimpleCommand, state: State): void {
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
    writes: command.redirections
      .filter(({ operator }) => operator.includes(">"))
      .map(({ target }) => expandText(target, state)),
    isSubstituted: state.isSubstituted,
    input: command.redirections.find(({ body: text }) => text !== undefined)?.body,
    start: command.start,
    end: command.end,
  });
}

function leave(state: State, name: "exit" | "return", code = "0"): void {
  if (code !== "0") state.leaving = "failure";
  else state.leaving = name === "exit" ? "script" : "function";
}

function isWord(value: Assignment["value"]): value is ShellWord {
  return "parts" in value;
}

function join(left: ShellText, right: ShellText): ShellText {
  return { text: left.text + right.text, unknown: [...left.unknown, ...right.unknown] };
}

function setAll(state: State, values: readonly (readonly [string, ShellText])[]): void {
  for (const [name, value] of values) state.variables.set(name, value);
}

function substitutionsOf({ words, assignments }: SimpleCommand): (readonly ShellNode[])[] {
  const all = [...words, ...assignments.flatMap(({ value }) => value)];
  return all.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "substitution" ? [part.body] : [])));
}

function callFunction(body: readonly ShellNode[], args: readonly ShellText[], state: State): void {
  if (state.depth >= deepestCall) return;
  const before = state.args;
  state.depth += 1;
  state.args = args;
  runAll(body, state);
  state.args = before;
  state.depth -= 1;
  if (state.leaving === "function") state.leaving = undefined;
}

/** Runs a builtin that only sets variables or tests. Returns false for other commands. */
function runBuiltin(name: string, words: readonly ShellText[], state: State): boolean {
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

function textOf(nodes: readonly ShellNode[], { text }: State): string {
  const [first, last] = [nodes[0], nodes.at(-1)];
  if (first === undefined || last === undefined) return "";
  return text.slice(extentOf(first).start, extentOf(last).end).replaceAll(/\s+/g, " ");
}

/** Whether a command only tests. */
function isTest(node: ShellNode): boolean {
  if (node.kind === "test") return true;
  if (node.kind === "and" || node.kind === "or") return isTest(node.left) && isTest(node.right);
  const [word] = node.kind === "command" ? node.words : [];
  const [part] = word?.parts ?? [];
  return part?.kind === "text" && ["[", "test", "grep", "command", "which", "!"].includes(part.text);
}

function decideAll(nodes: readonly ShellNode[], state: State): boolean | undefined {
  const [only, ...more] = nodes;
  return only === undefined || more.length > 0 ? undefined : decide(only, state);
}

/** Decides a condition; undefined: it is unknown. */
function decide(node: ShellNode, state: State): boolean | undefined {
  if (node.kind === "test") return decideAll(node.body, state);
  if (node.kind === "and" || node.kind === "or") {
    const [left, right] = [decide(node.left, state), decide(node.right, state)];
    const strong = node.kind === "or";
    if (left === strong || right === strong) return strong;
    return left === undefined || right === undefined ? undefined : !strong;
  }
  if (node.kind !== "command") return undefined;
  const words = node.words.map((word) => expandText(word, state));
  return decideTest(words);
}
