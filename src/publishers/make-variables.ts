/** Values of make's automatic variables (`$@`, `$<`, `$^`, `$*`) and of a call's arguments. */
export type AutomaticVariables = Readonly<Record<string, string>>;

const deepest = 20;

/** Fills in make's variables. An unknown one keeps the form `$(NAME)`; `$$` becomes the shell's `$`. */
export function expandMake(
  text: string,
  variables: ReadonlyMap<string, string>,
  automatic: AutomaticVariables,
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
          : expandMake(value, variables, automatic, depth + 1);
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
  automatic: AutomaticVariables,
  depth: number,
): string | undefined {
  const [, name = "", rest = ""] = /^(call|strip|or|if)\s+(.*)$/s.exec(inside) ?? [];
  if (name === "" || depth > deepest) return undefined;
  const args = rest.split(",").map((each) => expandMake(each.trim(), variables, automatic, depth + 1));
  if (name === "strip") return args.join(",").trim();
  if (name === "or" || name === "if") {
    const [first = "", second, third] = args;
    // An unknown value decides nothing, so the call stays as written.
    if (isOpenMake(first)) return undefined;
    if (name === "if") return first === "" ? (third ?? "") : second;
    const chosen = args.find((each) => each !== "") ?? "";
    return args.slice(0, args.indexOf(chosen)).some(isOpenMake) ? undefined : chosen;
  }
  const body = variables.get(args[0] ?? "");
  if (body === undefined) return undefined;
  const numbered = Object.fromEntries(args.slice(1).map((each, index) => [String(index + 1), each]));
  const named = new Map([...variables, ...Object.entries(numbered)]);
  return expandMake(body, named, { ...automatic, ...numbered }, depth + 1);
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

/** Whether an expanded text has parts that only a run knows: variables without a value, calls, expressions of a workflow. */
export function isOpenMake(text: string): boolean {
  return /\$[({]|‹/.test(text);
}

/**
 * Returns the variable that a line such as `NAME := value` sets, with or without `export` and the like, and its value; undefined: the line
 * assigns nothing. `+=` appends, and `?=` keeps a value that is there.
 */
export function assignedByMake(
  line: string,
  variables: ReadonlyMap<string, string>,
): { readonly name: string; readonly value: string } | undefined {
  const [, name = "", operator = "", value = ""] =
    /^(?:export\s+|override\s+|private\s+)*([\w.-]+)\s*(\?=|\+=|::?=|:::=|=|!=)\s*(.*)$/s.exec(line) ?? [];
  if (name === "") return undefined;
  const before = variables.get(name);
  if (operator === "!=") return { name, value: `$(shell ${value})` };
  if (operator === "+=" && before !== undefined) return { name, value: `${before} ${value}` };
  return { name, value: operator === "?=" ? (before ?? value) : value };
}
