import { posix } from "node:path";
import type { Makefile, MakeRule, RecipeLine, TargetVariable } from "./makefile.ts";
import { type MakeConditions, openMakeConditions, takeMakeDirective } from "./make-conditions.ts";
import { assignedByMake, expandMake } from "./make-variables.ts";

/**
 * Reads a makefile. Where a condition (`ifeq`) cannot be decided, both branches are read: their recipes carry the condition, and a variable that they
 * set is unknown. The environment overrides a default (`?=`). Source: GNU make's manual, "Writing Makefiles".
 */
export function parseMakefile(
  file: string,
  read: (path: string) => string | undefined,
  environment: ReadonlyMap<string, string>,
): Makefile | undefined {
  const draft: Draft = {
    rules: [],
    variables: new Map(environment),
    open: new Set(),
    own: [],
    conditions: { branches: [] },
    read,
    seen: new Set(),
  };
  if (!readInto(draft, file)) return undefined;
  const goal = draft.rules.flatMap(({ targets }) => targets).find((target) => !/^\.|%/.test(target));
  return { rules: draft.rules, variables: draft.variables, own: draft.own, goal };
}

interface DraftRule extends MakeRule {
  readonly recipe: RecipeLine[];
}

interface Draft {
  readonly rules: DraftRule[];
  readonly variables: Map<string, string>;
  /** Variables whose value hangs on a condition that was not decided. */
  readonly open: Set<string>;
  readonly own: TargetVariable[];
  readonly conditions: MakeConditions;
  readonly read: (path: string) => string | undefined;
  readonly seen: Set<string>;
}

interface Place {
  readonly file: string;
  readonly line: number;
}

function readInto(draft: Draft, file: string): boolean {
  const text = draft.seen.has(file) ? undefined : draft.read(file);
  if (text === undefined) return false;
  draft.seen.add(file);
  let rule: DraftRule | undefined;
  let definition: string | undefined;
  for (const { text: line, number } of logicalLines(text)) {
    if (definition !== undefined) {
      if (/^\s*endef\b/.test(line)) definition = undefined;
      else addToDefinition(draft, definition, line);
      continue;
    }
    if (line.startsWith("\t") && rule !== undefined) {
      takeRecipe(draft, rule, line.slice(1), { file, line: number });
      continue;
    }
    const plain = withoutComment(line).trim();
    if (plain === "" || takeMakeDirective(draft.conditions, plain, draft.variables)) continue;
    definition = /^(?:override\s+)?define\s+(\S+)/.exec(plain)?.[1];
    const isSkipped = openMakeConditions(draft.conditions) === "skipped";
    if (definition !== undefined && !isSkipped) draft.variables.set(definition, "");
    if (definition !== undefined || isSkipped) continue;
    rule = takeLine(draft, plain, { file, line: number }) ?? rule;
  }
  return true;
}

function addToDefinition({ variables, conditions }: Draft, name: string, line: string): void {
  if (openMakeConditions(conditions) !== "skipped") variables.set(name, `${variables.get(name) ?? ""}${line}\n`);
}

function takeRecipe({ conditions }: Draft, { recipe }: DraftRule, text: string, place: Place): void {
  const open = openMakeConditions(conditions);
  if (open !== "skipped") recipe.push({ text, ...place, conditions: open });
}

/** Takes an include, a variable or a rule. Returns the rule. */
function takeLine(draft: Draft, line: string, place: Place): DraftRule | undefined {
  const included = /^[-s]?include\s+(\S.*)$/.exec(line)?.[1];
  if (included !== undefined) {
    for (const each of expandMake(included, draft.variables, {}).split(/\s+/))
      readInto(draft, posix.normalize(posix.join(posix.dirname(place.file), each)));
    return undefined;
  }
  if (/^(?:export|unexport|vpath)\b[^=]*$/.test(line) || takeVariable(draft, line)) return undefined;
  return takeRule(draft, line, place);
}

/** Sets a variable. One that a condition without an answer may set to another value becomes unknown. */
function takeVariable({ variables, open, conditions }: Draft, line: string): boolean {
  const set = assignedByMake(line, variables);
  if (set === undefined) return false;
  const { name, value } = set;
  const isOpen = openMakeConditions(conditions).length > 0 || (open.has(name) && /^[^=]*[?+]=/.test(line));
  if (!isOpen) {
    open.delete(name);
    variables.set(name, value);
  } else if (value !== variables.get(name)) {
    variables.delete(name);
    open.add(name);
  }
  return true;
}

function takeRule(draft: Draft, line: string, place: Place): DraftRule | undefined {
  const colon = line.search(/:(?!:?:?=)|=/);
  if (colon < 0 || line.charAt(colon) === "=") return undefined;
  const left = line.slice(0, colon).replace(/&$/, "").trim();
  const right = line.slice(colon + 1).replace(/^:/, "");
  const words = (text: string): string[] =>
    expandMake(text, draft.variables, {})
      .split(/\s+/)
      .filter((word) => word !== "" && word !== "|");
  const targets = words(left);
  if (/^\s*(?:(?:export|override|private)\s+)*[\w.-]+\s*(?:[:?+!]|::|:::)?=/.test(right)) {
    draft.own.push({ targets, assignment: right.trim() });
    return undefined;
  }
  const [needs, command] = splitOnce(right, ";");
  const rule: DraftRule = { targets, needs: words(needs), recipe: [] };
  if (command !== undefined) takeRecipe(draft, rule, command.trim(), place);
  draft.rules.push(rule);
  return rule;
}

function withoutComment(line: string): string {
  for (let at = line.indexOf("#"); at >= 0; at = line.indexOf("#", at + 1))
    if (at === 0 || /\s/.test(line.charAt(at - 1))) return line.slice(0, at);
  return line;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** Joins continued lines. Lines of a recipe stay apart, because the shell joins those. */
function logicalLines(text: string): { text: string; number: number }[] {
  const lines: { text: string; number: number }[] = [];
  let open: { text: string; number: number } | undefined;
  for (const [index, line] of text.replaceAll("\r\n", "\n").split("\n").entries()) {
    if (open === undefined) open = { text: line, number: index + 1 };
    else open.text += open.text.startsWith("\t") ? `\n${line.replace(/^\t/, "")}` : line.trim();
    if (line.endsWith("\\")) {
      open.text = open.text.startsWith("\t") ? open.text : `${open.text.slice(0, -1).trimEnd()} `;
      continue;
    }
    lines.push(open);
    open = undefined;
  }
  return open === undefined ? lines : [...lines, open];
}
