import { expandMake, isOpenMake } from "./make-variables.ts";

/** Conditions of a makefile that are open at the line that is read, the outermost first. */
export interface MakeConditions {
  readonly branches: MakeBranch[];
}

interface MakeBranch {
  /** Whether make reads the branch; undefined: only a run knows. */
  holds: boolean | undefined;
  text: string;
  /** Earlier branches that make may read instead of this one. */
  readonly before: string[];
  /** Whether make certainly reads this branch or an earlier one. */
  isTaken: boolean;
}

/** Reads `ifeq`, `ifneq`, `ifdef`, `ifndef`, `else` and `endif`. Returns whether the line is one of them. */
export function takeMakeDirective(
  { branches }: MakeConditions,
  line: string,
  variables: ReadonlyMap<string, string>,
): boolean {
  const [, word = "", rest = ""] = /^(else|endif|ifn?eq|ifn?def)\b\s*(.*)$/.exec(line) ?? [];
  if (word === "") return false;
  if (word === "endif") branches.pop();
  else if (word === "else") startElse(branches.at(-1), rest, variables);
  else {
    const holds = decide(line, variables);
    branches.push({ holds, text: line, before: [], isTaken: holds === true });
  }
  return true;
}

function startElse(branch: MakeBranch | undefined, test: string, variables: ReadonlyMap<string, string>): void {
  if (branch === undefined) return;
  if (branch.holds === undefined) branch.before.push(branch.text);
  const holds = branch.isTaken ? false : test === "" ? true : decide(test, variables);
  branch.isTaken ||= holds === true;
  branch.text = [...branch.before.map((each) => `not ${each}`), ...(test === "" ? [] : [test])].join(" and ");
  branch.holds = holds === true && branch.before.length > 0 ? undefined : holds;
}

/** Returns the conditions around a line that could not be decided; `skipped`: make does not read the line. */
export function openMakeConditions({ branches }: MakeConditions): readonly string[] | "skipped" {
  if (branches.some(({ holds }) => holds === false)) return "skipped";
  return branches.flatMap(({ holds, text }) => (holds === undefined ? [text] : []));
}

/** Decides a test such as `ifeq ($(A),b)`; undefined: its values are unknown, or it has another form. */
function decide(test: string, variables: ReadonlyMap<string, string>): boolean | undefined {
  const [, word = "", rest = ""] = /^(ifn?eq|ifn?def)\s*(.*)$/.exec(test) ?? [];
  const isNegated = word.startsWith("ifn");
  if (word.endsWith("def")) {
    const value = variables.get(rest.trim());
    // A variable without a value here may be set in the environment.
    return value === undefined ? undefined : (value !== "") !== isNegated;
  }
  const sides = sidesOf(rest)?.map((side) => expandMake(side, variables, {}).trim());
  const [left, right] = sides ?? [];
  if (left === undefined || right === undefined || isOpenMake(left) || isOpenMake(right)) return undefined;
  return (left === right) !== isNegated;
}

/** Returns the two sides of `(a,b)`, `"a" "b"` or `'a' 'b'`. */
function sidesOf(test: string): readonly string[] | undefined {
  const quoted = /^(?:"([^"]*)"|'([^']*)')\s+(?:"([^"]*)"|'([^']*)')$/.exec(test.trim());
  if (quoted !== null) return [quoted[1] ?? quoted[2] ?? "", quoted[3] ?? quoted[4] ?? ""];
  const inside = /^\((.*)\)$/.exec(test.trim())?.[1];
  if (inside === undefined) return undefined;
  let depth = 0;
  for (let at = 0; at < inside.length; at += 1) {
    const character = inside.charAt(at);
    if (character === "(" || character === "{") depth += 1;
    else if (character === ")" || character === "}") depth -= 1;
    else if (character === "," && depth === 0) return [inside.slice(0, at), inside.slice(at + 1)];
  }
  return undefined;
}
