import { addAll } from "../model/lists.ts";
import { compareValues, knownNumber, negated } from "./compare.ts";
import {
  unknownReasons,
  type Evaluated,
  fold,
  knownText,
  type List,
  makeBoolean,
  makeValue,
  nothing,
  truthOf,
  unknown,
} from "./evaluated.ts";
import type { Expression } from "./expression.ts";
import { callFunction, successfulRun, type RunStatus } from "./functions.ts";

/** Values that an expression sees: contexts by lower-case name (`github`, `env`, …), and the status of the run. */
export interface ExpressionScope {
  readonly contexts: ReadonlyMap<string, Evaluated>;
  /** Status of the run. Default: no failure. */
  readonly status?: RunStatus;
}

/** Evaluates an expression as far as its values are known. The known part of a result stays true whatever the unknown values are. */
export function evaluate(expression: Expression, scope: ExpressionScope): Evaluated {
  switch (expression.kind) {
    case "literal":
      return makeValue(expression.value);
    case "context":
      return (
        scope.contexts.get(expression.name.toLowerCase()) ??
        unknown(`${expression.name}, which is no context at this place`)
      );
    case "index":
      return memberOf(
        evaluate(expression.of, scope),
        expression.index === "*" ? "*" : evaluate(expression.index, scope),
      );
    case "call":
      return callFunction(
        expression.name.toLowerCase(),
        expression.args.map((each) => evaluate(each, scope)),
        scope.status ?? successfulRun,
      );
    case "not":
      return makeBoolean(not(evaluate(expression.of, scope)));
    case "and":
    case "or":
      return logical(expression.kind, expression.of, scope);
    case "compare":
      return makeBoolean(
        compareValues(expression.operator, evaluate(expression.left, scope), evaluate(expression.right, scope)),
      );
  }
}

function not(value: Evaluated): ReturnType<typeof negated> {
  return truthOf(value) === undefined ? unknown(unknownReasons(value), { isBoolean: true }) : !truthOf(value);
}

/** Evaluates `&&` or `||`. The result is the first value that decides, else the last one; it is not converted to a boolean. */
function logical(kind: "and" | "or", of: readonly Expression[], scope: ExpressionScope): Evaluated {
  const decides = kind === "or";
  const open: Evaluated[] = [];
  let last: Evaluated = nothing;
  for (const [index, each] of of.entries()) {
    last = evaluate(each, scope);
    const truth = truthOf(last);
    if (truth === decides || (index === of.length - 1 && open.length === 0)) break;
    if (truth === undefined && index < of.length - 1) open.push(last);
  }
  if (open.length === 0) return last;
  // Each undecided value is the result if it decides; otherwise the last value is. All possible results therefore count the same in a condition if
  // the last one decides, too.
  const isBoolean = [...open, last].every(isBooleanValue);
  if (truthOf(last) !== decides) return unknown(unknownReasons(...open, last), isBoolean ? { isBoolean } : {});
  if (isBoolean) return makeValue(decides);
  return unknown(unknownReasons(...open, last), { truth: decides });
}

function isBooleanValue(value: Evaluated): boolean {
  return value.kind === "unknown"
    ? value.isBoolean === true
    : value.kind === "value" && typeof value.value === "boolean";
}

/** Returns a member of an object, an item of a list, or with `*` all of them; null: it does not exist. Source: GitHub's runner, `Index`. */
export function memberOf(value: Evaluated, index: Evaluated | "*"): Evaluated {
  switch (value.kind) {
    case "value":
    case "text":
      return index === "*" ? filtered([]) : nothing;
    case "unknown":
      return unknown(value.because.map((name) => memberName(name, index)));
    case "object": {
      if (index === "*") {
        if (value.rest !== undefined) return unknown(`${value.rest}.*`);
        return filtered([...value.members.values()].map((member) => member.value));
      }
      if (index.kind === "array" || index.kind === "object") return nothing;
      const name = index.kind === "unknown" ? undefined : knownText(index);
      if (name === undefined) return unknown(unknownReasons(value, index));
      const found = value.members.get(fold(name))?.value;
      if (found !== undefined) return found;
      return value.rest === undefined ? nothing : unknown(memberName(value.rest, index));
    }
    case "array":
      return value.isFiltered === true ? membersOf(value, index) : itemOf(value, index);
  }
}

function itemOf(list: List, index: Evaluated | "*"): Evaluated {
  if (index === "*") return filtered(list.items);
  const number = knownNumber(index);
  if (number === undefined) return unknown(unknownReasons(list, index));
  return number >= 0 ? (list.items[Math.floor(number)] ?? nothing) : nothing;
}

/** Returns this member of each item of a list that `*` made; items without it are left out. */
function membersOf(list: List, index: Evaluated | "*"): Evaluated {
  const found: Evaluated[] = [];
  for (const item of list.items) {
    if (item.kind === "value" || item.kind === "text") continue;
    if (item.kind === "unknown") return unknown(unknownReasons(list));
    const member = memberOf(item, index);
    if (member.kind === "unknown") return unknown(unknownReasons(list, member));
    if (index === "*") addAll(found, member.kind === "array" ? member.items : []);
    else if (hasMember(item, index)) found.push(member);
  }
  return filtered(found);
}

function hasMember(item: Evaluated, index: Evaluated): boolean {
  if (item.kind === "object") return item.members.has(fold(knownText(index) ?? ""));
  const number = knownNumber(index);
  return item.kind === "array" && number !== undefined && number >= 0 && Math.floor(number) < item.items.length;
}

function filtered(items: readonly Evaluated[]): List {
  return { kind: "array", items, isFiltered: true };
}

/** Names the member of an unknown value: `github.event` and `inputs` give `github.event.inputs`. A reason that is not a name stays unchanged. */
function memberName(name: string, index: Evaluated | "*"): string {
  if (!/^[\w.*-]+$/.test(name)) return name;
  const member = index === "*" ? "*" : knownText(index);
  return member !== undefined && /^[\w*-]+$/.test(member) ? `${name}.${member}` : name;
}
