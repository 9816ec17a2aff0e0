import { extentOf, type ShellNode } from "./script.ts";
import type { ShellText, ShellValues } from "./expand-word.ts";
import { joinArrays, joinVariables } from "./join-values.ts";

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
export type Leaving = "turn" | "loop" | "function" | "script" | "failure";

/** Values at a point of a script that is followed, and the commands that were found before it. */
export interface ScriptState {
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
  /** Files to which constructs around the command write the output of all their commands. */
  writes: readonly ShellText[];
  depth: number;
  /** Follows commands in this state. */
  readonly runAll: (nodes: readonly ShellNode[], state: ScriptState) => void;
}

/** Joins the states after branches of which only one ran. */
export function joinStates(state: ScriptState, all: readonly Pick<ScriptState, "variables" | "arrays">[]): void {
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

/** Ends an iteration. Returns whether the loop ends. */
export function leaveLoop(state: ScriptState): boolean {
  if (state.leaving === "turn") state.leaving = undefined;
  const ends = state.leaving !== undefined;
  if (state.leaving === "loop") state.leaving = undefined;
  return ends;
}

/** Follows commands whose variables and folder end with them. */
export function inSubshell(state: ScriptState, work: () => void): void {
  const { variables, arrays, folder, leaving } = state;
  state.variables = new Map(variables);
  state.arrays = new Map(arrays);
  work();
  Object.assign(state, { variables, arrays, folder, leaving });
}

/** Follows commands under a condition. */
export function followPerhaps(state: ScriptState, condition: string, work: () => void): void {
  const before = { variables: new Map(state.variables), arrays: new Map(state.arrays) };
  const ended = followEnding(state, condition, work);
  joinStates(state, ended ? [before] : [before, state]);
}

/**
 * Follows commands under a condition. Returns whether they leave the construct around them: then later commands carry the opposite condition. A
 * failure adds no condition, because scripts are assumed to succeed.
 */
export function followEnding(state: ScriptState, condition: string, work: () => void): boolean {
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

/** Returns the text of nodes as the script has it, on one line. */
export function textOfNodes(nodes: readonly ShellNode[], { text }: ScriptState): string {
  const [first, last] = [nodes[0], nodes.at(-1)];
  if (first === undefined || last === undefined) return "";
  return text.slice(extentOf(first).start, extentOf(last).end).replaceAll(/\s+/g, " ");
}
