import { decide, decideAll, isTest } from "./decide-condition.ts";
import { expandFields, expandText, type ShellText } from "./expand-word.ts";
import { matchesGlob } from "./glob.ts";
import { unknownVariable } from "./join-values.ts";
import { runSimple, writtenFiles } from "./run-simple.ts";
import type { ShellNode, ShellWord } from "./script.ts";
import {
  followEnding,
  followPerhaps,
  inSubshell,
  joinStates,
  leaveLoop,
  type RunCommand,
  type ScriptStart,
  type ScriptState,
  textOfNodes,
} from "./script-state.ts";

/** Limits that end loops. */
const mostCommands = 2000;
const mostTurns = 64;

/**
 * Follows a script without running it: variables, loops over known words, functions, and conditions over known values. Where a condition is unknown,
 * both branches are followed, and their commands carry the condition.
 */
export function followScript(nodes: readonly ShellNode[], text: string, start: ScriptStart): readonly RunCommand[] {
  const state: ScriptState = {
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
    writes: [],
    depth: 0,
    runAll,
  };
  runAll(nodes, state);
  return state.commands;
}

function runAll(nodes: readonly ShellNode[], state: ScriptState): void {
  for (const node of nodes) {
    if (state.leaving !== undefined || state.commands.length >= mostCommands) return;
    run(node, state);
  }
}

function run(node: ShellNode, state: ScriptState): void {
  switch (node.kind) {
    case "command":
      return runSimple(node, state);
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
    case "redirected": {
      const { writes } = state;
      state.writes = [...writtenFiles(node.redirections, state), ...writes];
      run(node.node, state);
      state.writes = writes;
      return;
    }
    case "group":
      if (node.isSubshell) inSubshell(state, () => runAll(node.body, state));
      else runAll(node.body, state);
  }
}

function runChain({ kind, left, right }: ShellNode & { kind: "and" | "or" }, state: ScriptState): void {
  const holds = decide(left, state);
  run(left, state);
  const runs = holds === undefined ? undefined : holds === (kind === "and");
  if (runs === false || state.leaving !== undefined) return;
  // `&&` after a command that is not a test is followed without a condition, because such a command normally succeeds.
  if (runs === true || (kind === "and" && !isTest(left))) return run(right, state);
  const condition = textOfNodes([left], state);
  followPerhaps(state, kind === "and" ? condition : `not ${condition}`, () => run(right, state));
}

function runIf({ branches, otherwise }: ShellNode & { kind: "if" }, state: ScriptState): void {
  const ways: { condition: string | undefined; body: readonly ShellNode[] }[] = [];
  const refused: string[] = [];
  let isDecided = false;
  for (const { condition, body } of branches) {
    runAll(condition, state);
    const holds = decideAll(condition, state);
    if (holds === false) continue;
    const text = textOfNodes(condition, state);
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

function runCase({ word, branches }: ShellNode & { kind: "case" }, state: ScriptState): void {
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

function fitsPattern(value: ShellText, pattern: ShellWord, state: ScriptState): boolean | undefined {
  const { text, unknown } = expandText(pattern, state);
  if (text === "*") return true;
  return value.unknown.length > 0 || unknown.length > 0 ? undefined : matchesGlob(value.text, text);
}

/** Follows branches of which only one runs. Variables that they set to different values are unknown afterwards. */
function runWays(
  ways: readonly { readonly condition: string | undefined; readonly body: readonly ShellNode[] }[],
  state: ScriptState,
): void {
  const [only] = ways;
  if (only !== undefined && only.condition === undefined) return runAll(only.body, state);
  const { variables, arrays } = state;
  const results = ways.map(({ condition, body }) => {
    Object.assign(state, { variables: new Map(variables), arrays: new Map(arrays) });
    const ended = followEnding(state, condition ?? "", () => runAll(body, state));
    return ended ? undefined : { variables: state.variables, arrays: state.arrays };
  });
  const left = results.filter((each) => each !== undefined);
  joinStates(state, left.length === 0 ? [{ variables, arrays }] : left);
}

/** Repeats the body while the condition is known to hold. If it is unknown, the body is followed once, under the condition. */
function runWhile({ condition, body }: ShellNode & { kind: "while" }, state: ScriptState): void {
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const holds = decideAll(condition, state);
    if (holds === false) return;
    if (holds === undefined)
      return followPerhaps(state, textOfNodes(condition, state), () => {
        runAll(condition, state);
        runAll(body, state);
        leaveLoop(state);
      });
    runAll(body, state);
    if (leaveLoop(state)) return;
  }
}

function runFor({ name, words, body }: ShellNode & { kind: "for" }, state: ScriptState): void {
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
