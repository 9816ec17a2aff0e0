import {
  asTextValue,
  unknownReasons,
  type Evaluated,
  makeList,
  makeObject,
  makeText,
  type TextPart,
  textPartsOf,
  truthOf,
  unknown,
  type Unknown,
} from "./evaluated.ts";
import { evaluate, type ExpressionScope } from "./evaluate.ts";
import { calledFunctions, type Expression } from "./expression.ts";
import { statusFunctions } from "./function-names.ts";
import { successfulRun } from "./functions.ts";
import type { YamlValue } from "../formats/yaml-data.ts";
import { fromData } from "./json-values.ts";
import { readExpression } from "./read-expression.ts";
import { closingQuote } from "./tokens.ts";

/** Part of a text: plain, or an expression, each with its offset. */
export type TemplatePart =
  | { readonly kind: "plain"; readonly text: string; readonly at: number }
  | { readonly kind: "expression"; readonly text: string; readonly at: number };

/** Splits a text at its `${{ }}`. A `}}` in a quoted text does not end an expression. An expression that is not closed stays plain text. */
export function templateParts(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let from = 0;
  for (let open = text.indexOf("${{"); open >= 0; open = text.indexOf("${{", from)) {
    const close = expressionEnd(text, open + 3);
    if (close < 0) break;
    if (open > from) parts.push({ kind: "plain", text: text.slice(from, open), at: from });
    parts.push({ kind: "expression", text: text.slice(open + 3, close), at: open + 3 });
    from = close + 2;
  }
  if (from < text.length) parts.push({ kind: "plain", text: text.slice(from), at: from });
  return parts;
}

function expressionEnd(text: string, from: number): number {
  const mark = /'|\}\}/g;
  mark.lastIndex = from;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === "}}") return found.index;
    const close = closingQuote(text, found.index);
    if (close < 0) return -1;
    mark.lastIndex = close + 1;
  }
  return -1;
}

/** Evaluates a text with expressions. If it is a single expression, returns that expression's value, else a text. */
export function evaluateTemplate(text: string, scope: ExpressionScope): Evaluated {
  const parts = templateParts(text);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === "expression") return evaluateText(only.text, scope);
  return makeText(
    parts.flatMap((part): readonly TextPart[] =>
      part.kind === "plain" ? [part.text] : textPartsOf(evaluateText(part.text, scope)),
    ),
  );
}

/** Evaluates a text with expressions and converts the value to text, as `env`, `with` and `run` do. */
function evaluateToText(text: string, scope: ExpressionScope): ReturnType<typeof asTextValue> {
  return asTextValue(evaluateTemplate(text, scope));
}

/** Evaluates the text of an expression; if it is not valid, the value is unknown, with the fault as its reason. */
export function evaluateText(text: string, scope: ExpressionScope): Evaluated {
  const read = readExpression(text);
  return read.kind === "fault" ? refused(text, read.message) : evaluate(read.expression, scope);
}

function refused(text: string, message: string): Unknown {
  return unknown(`"${text.trim().slice(0, 60)}" is refused: ${message}`);
}

/** Evaluates the expressions in all texts and names of YAML data. */
export function evaluateData(data: YamlValue | undefined, scope: ExpressionScope): Evaluated {
  if (typeof data === "string") return evaluateTemplate(data, scope);
  if (Array.isArray(data)) return makeList(data.map((each: YamlValue) => evaluateData(each, scope)));
  if (typeof data !== "object" || data === null) return fromData(data ?? null) ?? unknown("data of no kind");
  const members: [string, Evaluated][] = [];
  let rest: string | undefined;
  for (const [name, each] of Object.entries(data)) {
    const isInserted = /^\$\{\{\s*insert\s*\}\}$/.test(name);
    const key = isInserted ? asTextValue(evaluateData(each, scope)) : evaluateToText(name, scope);
    if (isInserted || key.kind === "text") rest = unknownReasons(key)[0] ?? "${{ insert }}";
    else members.push([String(key.value), evaluateData(each, scope)]);
  }
  return makeObject(members, rest);
}

/**
 * Evaluates an `if:`, with or without `${{ }}`. A condition that calls no status function gets `success() &&` before it. Text outside of the braces
 * makes it true, as at GitHub. Source: GitHub's "Status check functions".
 */
export function evaluateCondition(text: string, scope: ExpressionScope): boolean | Unknown {
  const read = readCondition(text);
  if (read.kind === "fault") return refused(text, read.message);
  const condition = asCondition(evaluate(read.expression, scope));
  if (calledFunctions(read.expression).some((name) => statusFunctions.has(name))) return condition;
  return conjunction(asCondition((scope.status ?? successfulRun).success), condition);
}

/** Converts a value to the result of a condition. */
function asCondition(value: Evaluated): boolean | Unknown {
  return truthOf(value) ?? unknown(unknownReasons(value), { isBoolean: true });
}

/** Combines two conditions by "and". */
export function conjunction(left: boolean | Unknown, right: boolean | Unknown): boolean | Unknown {
  if (left === false || right === false) return false;
  if (left === true) return right;
  return right === true ? left : unknown([...new Set([...left.because, ...right.because])], { isBoolean: true });
}

function readCondition(text: string): ReturnType<typeof readExpression> {
  const parts = templateParts(text);
  if (text.trim() === "") return { kind: "expression", expression: { kind: "literal", value: true } };
  const [only] = parts;
  if (!parts.some(({ kind }) => kind === "expression")) return readExpression(text);
  if (parts.length === 1 && only !== undefined) return readExpression(only.text);
  // GitHub joins the parts to one text, which is true unless it is empty: `format('{0} && b', a)`.
  const args: Expression[] = [];
  for (const part of parts) {
    if (part.kind === "plain") args.push({ kind: "literal", value: part.text });
    else {
      const read = readExpression(part.text);
      if (read.kind === "fault") return read;
      args.push(read.expression);
    }
  }
  const template = args.map((_, index) => `{${index}}`).join("");
  return {
    kind: "expression",
    expression: { kind: "call", name: "format", args: [{ kind: "literal", value: template }, ...args] },
  };
}
