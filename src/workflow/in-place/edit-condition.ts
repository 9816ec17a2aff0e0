import { isScalar, type Scalar } from "yaml";
import { type YamlValue, yamlText } from "../../formats/yaml-data.ts";
import { scalar } from "../yaml-value.ts";
import { type EditedMap, endOfLine, isInFlow, lineEndOf, type MadeEdit, pairOf } from "./edited-map.ts";

/** Adds a condition to the existing one by `&&`. A status function such as `always()` in the existing one keeps its effect. */
export function addCondition({ text, step, value }: EditedMap, condition: string): MadeEdit | string {
  const pair = pairOf(step, "if");
  if (pair === undefined) return newCondition({ text, step, value }, condition);
  const node = pair.value;
  if (!isScalar(node) || node.range === null || node.range === undefined) return "if: is no plain text";
  if (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED") return "if: is a text of several lines";
  const old = yamlText(node.value as YamlValue).trim();
  const inner = /^\$\{\{((?:(?!\}\}).)*)\}\}$/s.exec(old)?.[1]?.trim() ?? old;
  if (inner.includes("${{")) return "if: is a text with several expressions";
  const both = `(${inner}) && ${condition}`;
  const written = old === inner ? both : `\${{ ${both} }}`;
  const [start, end] = node.range;
  return { edit: { start, end, text: writeScalar(written, node, isInFlow(step)) }, value: [{ ...value, if: written }] };
}

function newCondition({ text, step, value }: Omit<EditedMap, "document">, condition: string): MadeEdit | string {
  const start = step.range?.[0];
  if (start === undefined) return "the step has no place";
  const after = value["if"] === undefined ? [{ if: condition, ...value }] : [value];
  if (isInFlow(step)) {
    const first = step.items[0]?.key;
    const at = isScalar(first) ? first.range?.[0] : undefined;
    return at === undefined
      ? "the step has no keys"
      : { edit: { start: at, end: at, text: `if: ${scalar(condition, true)}, ` }, value: after };
  }
  const column = start - (text.lastIndexOf("\n", start - 1) + 1);
  const end = lineEndOf(text);
  const line = `if: ${scalar(condition)}`;
  const below = endOfLine(text, step, 0);
  // A step whose first value has several lines, such as a script, gets the condition above it, where it is seen.
  if (below === undefined)
    return { edit: { start, end: start, text: `${line}${end}${" ".repeat(column)}` }, value: after };
  return { edit: { start: below, end: below, text: `${end}${" ".repeat(column)}${line}` }, value: after };
}

function writeScalar(text: string, node: Scalar, isFlow: boolean): string {
  if (node.type === "QUOTE_SINGLE") return `'${text.replaceAll("'", "''")}'`;
  if (node.type === "QUOTE_DOUBLE") return JSON.stringify(text);
  return scalar(text, isFlow);
}
