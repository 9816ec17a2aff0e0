import { posix } from "node:path";

/** Line of a recipe, which make hands to the shell. */
export interface RecipeLine {
  /** Text of the line. Known variables of make are filled in; unknown ones keep the form `$(NAME)`. */
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

interface Rule {
  readonly targets: readonly string[];
  readonly needs: readonly string[];
  readonly recipe: readonly RecipeLine[];
}

/** Contents of a makefile and of the files that it includes. */
export interface Makefile {
  readonly rules: readonly Rule[];
  readonly variables: ReadonlyMap<string, string>;
  readonly goal: string | undefined;
}

/**
 * Reads a makefile. Both branches of a condition are read, and the environment overrides a default (`?=`). Source: GNU make's manual, "Writing
 * Makefiles".
 */
export function parseMakefile(
  file: string,
  read: (path: string) => string | undefined,
  environment: ReadonlyMap<string, string>,
): Makefile | undefined {
  const draft: Draft = { rules: [], variables: new Map(environment), read, seen: new Set() };
  if (!readInto(draft, file)) return undefined;
  const goal = draft.rules.flatMap(({ targets }) => targets).find((target) => !/^\.|%/.test(target));
  return { rules: draft.rules, variables: draft.variables, goal };
}

interface Draft {
  readonly rules: { targets: readonly string[]; needs: readonly string[]; recipe: RecipeLine[] }[];
  readonly variables: Map<string, string>;
  readonly read: (path: string) => string | undefined;
  readonly seen: Set<string>;
}

function readInto(draft: Draft, file: string): boolean {
  const text = draft.seen.has(file) ? undefined : draft.read(file);
  if (text === undefined) return false;
  draft.seen.add(file);
  let rule: Draft["rules"][number] | undefined;
  let definition: string | undefined;
  for (const { text: line, number } of logicalLines(text)) {
    if (definition !== undefined) {
      if (/^\s*endef\b/.test(line)) definition = undefined;
      else draft.variables.set(definition, `${draft.variables.get(definition) ?? ""}${line}\n`);
      continue;
    }
    if (line.startsWith("\t") && rule !== undefined) {
      rule.recipe.push({ text: line.slice(1), file, line: number });
      continue;
    }
    const plain = withoutComment(line).trim();
    if (plain === "") continue;
    const defined = /^(?:override\s+)?define\s+(\S+)/.exec(plain)?.[1];
    if (defined !== undefined) {
      definition = defined;
      draft.variables.set(defined, "");
      continue;
    }
    const included = /^[-s]?include\s+(\S.*)$/.exec(plain)?.[1];
    if (included !== undefined) {
      for (const each of expand(included, draft.variables, {}).split(/\s+/))
        readInto(draft, posix.normalize(posix.join(posix.dirname(file), each)));
      continue;
    }
    if (takeVariable(draft.variables, plain)) continue;
    rule = parseRule(draft, plain, { file, line: number }) ?? rule;
  }
  return true;
}

function parseRule(
  draft: Draft,
  line: string,
  place: { file: string; line: number },
): Draft["rules"][number] | undefined {
  const colon = line.search(/:(?!:?:?=)|=/);
  if (colon < 0 || line.charAt(colon) === "=") return undefined;
  const left = line.slice(0, colon).replace(/&$/, "").trim();
  const right = line.slice(colon + 1).replace(/^:/, "");
  if (/^(?:ifeq|ifneq|ifdef|ifndef|else|endif|export|unexport|vpath)\b/.test(left)) return undefined;
  const [needs, command] = splitOnce(right, ";");
  // `target: NAME = value` sets a variable for that target alone; here it is set for all targets, as an approximation.
  if (/^\s*(?:export\s+)?[\w.]+\s*[:?+]?=/.test(needs)) {
    takeVariable(draft.variables, needs.trim());
    return undefined;
  }
  const words = (text: string): string[] =>
    expand(text, draft.variables, {})
      .split(/\s+/)
      .filter((word) => word !== "" && word !== "|");
  const recipe = command === undefined ? [] : [{ text: command.trim(), ...place }];
  const rule = { targets: words(left), needs: words(needs), recipe };
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

function takeVariable(variables: Map<string, string>, line: string): boolean {
  const [, name = "", operator = "", value = ""] =
    /^(?:export\s+|override\s+)*([\w.-]+)\s*(\?=|\+=|::?=|:::=|=|!=)\s*(.*)$/.exec(line) ?? [];
  if (name === "") return /^(?:export|unexport|ifeq|ifneq|ifdef|ifndef|else|endif)\b/.test(line);
  const before = variables.get(name);
  if (operator === "!=") variables.set(name, `$(shell ${value})`);
  else if (operator === "+=") variables.set(name, before === undefined ? value : `${before} ${value}`);
  // `?=` sets only a variable that is not set yet; if both branches of a condition do, the first one wins.
  else if (operator !== "?=" || before === undefined) variables.set(name, value);
  return true;
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

/** Returns the recipe lines for a target, those of its prerequisites first; undefined: the makefile has no rule for it. */
export function recipeOf(
  makefile: Makefile,
  target: string,
  given: ReadonlyMap<string, string>,
): RecipeLine[] | undefined {
  const variables = new Map([...makefile.variables, ...given]);
  const lines: RecipeLine[] = [];
  const found = collect(makefile, target, { variables, lines, seen: new Set() });
  return found ? lines : undefined;
}

interface Collected {
  readonly variables: ReadonlyMap<string, string>;
  readonly lines: RecipeLine[];
  readonly seen: Set<string>;
}

const mostTargets = 300;

function collect(makefile: Makefile, target: string, collected: Collected): boolean {
  const { variables, lines, seen } = collected;
  if (seen.has(target) || seen.size > mostTargets) return true;
  const rules = makefile.rules.filter(({ targets }) => targets.includes(target));
  const stems = rules.length > 0 ? [] : patternRules(makefile, target);
  if (rules.length === 0 && stems.length === 0) return false;
  seen.add(target);
  for (const { rule, stem } of [...rules.map((rule) => ({ rule, stem: "" })), ...stems]) {
    for (const need of rule.needs) collect(makefile, need.replaceAll("%", stem), collected);
    const automatic = { "@": target, "*": stem, "<": rule.needs[0] ?? "", "^": rule.needs.join(" ") };
    for (const line of rule.recipe)
      lines.push({ ...line, text: expand(line.text, variables, automatic).replace(/^[@+\-\s]+/, "") });
  }
  return true;
}

function patternRules({ rules }: Makefile, target: string): { rule: Rule; stem: string }[] {
  return rules.flatMap((rule) =>
    rule.targets.flatMap((pattern) => {
      const [before, after] = pattern.split("%");
      if (before === undefined || after === undefined || before + after === "") return [];
      const isLike =
        target.startsWith(before) && target.endsWith(after) && target.length > before.length + after.length;
      return isLike ? [{ rule, stem: target.slice(before.length, target.length - after.length) }] : [];
    }),
  );
}

const deepest = 20;

/** Fills in make's variables. An unknown one keeps the form `$(NAME)`; `$$` becomes the shell's `$`. */
function expand(
  text: string,
  variables: ReadonlyMap<string, string>,
  automatic: Readonly<Record<string, string>>,
  depth = 0,
): string {
  let result = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (text.startsWith("${{", at)) {
      // GitHub replaces the expression before make runs.
      const end = text.indexOf("}}", at);
      result += text.slice(at, end < 0 ? text.length : end + 2);
      at = end < 0 ? text.length : end + 1;
    } else if (character !== "$") {
      result += character;
    } else if (next === "$") {
      result += "$";
      at += 1;
    } else if (next === "(" || next === "{") {
      const end = closing(text, at + 1);
      const inside = text.slice(at + 2, end);
      const own = automatic[inside.charAt(0)];
      const value = /^[@*<^][DF]?$/.test(inside) ? own : variables.get(inside);
      result +=
        value === undefined || depth > deepest || result.length > longest
          ? (callOf(inside, variables, automatic, depth) ?? `$(${inside})`)
          : expand(value, variables, automatic, depth + 1);
      at = end;
    } else {
      result += automatic[next] ?? `$${next}`;
      at += 1;
    }
  }
  return result;
}

const longest = 100_000;

/** Evaluates a function call, such as `$(call name,a,b)`, `$(strip x)` or `$(or a,b)`; undefined: the function is not supported. */
function callOf(
  inside: string,
  variables: ReadonlyMap<string, string>,
  automatic: Readonly<Record<string, string>>,
  depth: number,
): string | undefined {
  const [, name = "", rest = ""] = /^(call|strip|or|if)\s+(.*)$/s.exec(inside) ?? [];
  if (name === "" || depth > deepest) return undefined;
  const args = rest.split(",").map((each) => expand(each.trim(), variables, automatic, depth + 1));
  if (name === "strip") return args.join(",").trim();
  if (name === "or") return args.find((each) => each !== "");
  if (name === "if") return args[0] === "" ? args[2] : args[1];
  const body = variables.get(args[0] ?? "");
  if (body === undefined) return undefined;
  const numbered = Object.fromEntries(args.slice(1).map((each, index) => [String(index + 1), each]));
  const named = new Map([...variables, ...Object.entries(numbered)]);
  return expand(body, named, { ...automatic, ...numbered }, depth + 1);
}

/** Returns the offset of the bracket that closes the one at `open`. */
function closing(text: string, open: number): number {
  const [left, right] = text.charAt(open) === "(" ? ["(", ")"] : ["{", "}"];
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text.charAt(at) === left) depth += 1;
    else if (text.charAt(at) === right) depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}
