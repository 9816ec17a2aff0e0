import { assignedByMake, type AutomaticVariables, expandMake } from "./make-variables.ts";

/** Line of a recipe, which make hands to the shell. */
export interface RecipeLine {
  /** Text of the line. Known variables of make are filled in; unknown ones keep the form `$(NAME)`. */
  readonly text: string;
  readonly file: string;
  readonly line: number;
  /** Conditions of the makefile around the line that could not be decided. */
  readonly conditions: readonly string[];
}

export interface MakeRule {
  readonly targets: readonly string[];
  readonly needs: readonly string[];
  readonly recipe: readonly RecipeLine[];
}

/** Assignment of a variable, in a form that `assignedByMake` reads: `NAME = value`. */
export interface TargetVariable {
  /** Targets and patterns for which, with all that they need, the variable is set. */
  readonly targets: readonly string[];
  readonly assignment: string;
}

/** Contents of a makefile and of the files that it includes. */
export interface Makefile {
  readonly rules: readonly MakeRule[];
  readonly variables: ReadonlyMap<string, string>;
  readonly own: readonly TargetVariable[];
  readonly goal: string | undefined;
}

/** Returns the recipe lines for a target, those of its prerequisites first; undefined: the makefile has no rule for it. */
export function recipeOf(
  makefile: Makefile,
  target: string,
  given: ReadonlyMap<string, string>,
): RecipeLine[] | undefined {
  const lines: RecipeLine[] = [];
  const variables = new Map([...makefile.variables, ...given]);
  return collect({ makefile, given, lines, seen: new Set() }, target, variables) ? lines : undefined;
}

interface Collected {
  readonly makefile: Makefile;
  /** Variables of make's command line, which count more than those of the makefile. */
  readonly given: ReadonlyMap<string, string>;
  readonly lines: RecipeLine[];
  readonly seen: Set<string>;
}

const mostTargets = 300;

function collect(collected: Collected, target: string, around: ReadonlyMap<string, string>): boolean {
  const { makefile, lines, seen } = collected;
  if (seen.has(target) || seen.size > mostTargets) return true;
  const rules = makefile.rules.filter(({ targets }) => targets.includes(target));
  const stems = rules.length > 0 ? [] : patternRules(makefile, target);
  if (rules.length === 0 && stems.length === 0) return false;
  seen.add(target);
  const variables = withOwn(collected, target, around);
  for (const { rule, stem } of [...rules.map((rule) => ({ rule, stem: "" })), ...stems]) {
    for (const need of rule.needs) collect(collected, need.replaceAll("%", stem), variables);
    const automatic: AutomaticVariables = {
      "@": target,
      "*": stem,
      "<": rule.needs[0] ?? "",
      "^": rule.needs.join(" "),
    };
    for (const line of rule.recipe)
      lines.push({ ...line, text: expandMake(line.text, variables, automatic).replace(/^[@+\-\s]+/, "") });
  }
  return true;
}

/** Adds the variables of a target, which hold for it and for what it needs. Source: GNU make's manual, "Target-specific Variable Values". */
function withOwn(
  { makefile, given }: Collected,
  target: string,
  around: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const own = makefile.own.filter(({ targets }) => targets.some((each) => stemOf(each, target) !== undefined));
  if (own.length === 0) return around;
  const variables = new Map(around);
  for (const { assignment } of own) {
    const set = assignedByMake(assignment, variables);
    if (set !== undefined) variables.set(set.name, set.value);
  }
  return new Map([...variables, ...given]);
}

function patternRules({ rules }: Makefile, target: string): { rule: MakeRule; stem: string }[] {
  return rules.flatMap((rule) =>
    rule.targets.flatMap((pattern) => {
      const stem = pattern.includes("%") ? stemOf(pattern, target) : undefined;
      return stem === undefined || stem === "" ? [] : [{ rule, stem }];
    }),
  );
}

/** Returns the text for which `%` stands in a pattern; undefined: the pattern does not match. A name without `%` has no stem. */
function stemOf(pattern: string, target: string): string | undefined {
  const at = pattern.indexOf("%");
  if (at < 0) return pattern === target ? "" : undefined;
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)];
  const isLike = target.startsWith(before) && target.endsWith(after) && target.length > before.length + after.length;
  return isLike ? target.slice(before.length, target.length - after.length) : undefined;
}
