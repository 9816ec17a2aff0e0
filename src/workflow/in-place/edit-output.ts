import { isMap, isNode, isScalar } from "yaml";
import { asMap } from "../../formats/yaml-data.ts";
import { scalar } from "../yaml-value.ts";
import { type EditedMap, endOfLine, isInFlow, lineEndOf, type MadeEdit, pairOf } from "./edited-map.ts";

/** Adds an output to a job, below the one that it stands beside. */
export function addOutput(
  { text, step: job, value }: EditedMap,
  { after, name, value: written }: { readonly after: string; readonly name: string; readonly value: string },
): MadeEdit | string {
  const outputs = pairOf(job, "outputs")?.value;
  if (!isMap(outputs)) return "outputs: is no map";
  const index = outputs.items.findIndex(({ key }) => isScalar(key) && key.value === after);
  const pair = outputs.items[index];
  const key = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  const end = isNode(pair?.value) ? pair.value.range?.[1] : undefined;
  if (key === undefined || end === undefined) return `the output ${after} has no place`;
  const changed = [{ ...value, outputs: { ...asMap(value["outputs"]), [name]: written } }];
  if (isInFlow(outputs))
    return { edit: { start: end, end, text: `, ${name}: ${JSON.stringify(written)}` }, value: changed };
  const below = endOfLine(text, outputs, index);
  if (below === undefined) return `the output ${after} has several lines`;
  const indent = " ".repeat(key - (text.lastIndexOf("\n", key - 1) + 1));
  return {
    edit: { start: below, end: below, text: `${lineEndOf(text)}${indent}${name}: ${scalar(written)}` },
    value: changed,
  };
}
