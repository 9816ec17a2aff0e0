import { isScalar, isMap, isSeq } from "yaml";
import { asMap, type YamlValue } from "../../formats/yaml-data.ts";
import { readYamlText } from "../../formats/yaml-document.ts";
import { scalar } from "../yaml-value.ts";
import { addCondition } from "./edit-condition.ts";
import { addOutput } from "./edit-output.ts";
import { type EditedMap, isInFlow, lineEndOf, type MadeEdit, pairOf } from "./edited-map.ts";
import { pinUses } from "./pinned-uses.ts";
import type { ActionPin, StepChange, StepPath } from "./step-change.ts";
import { applyEdits, type TextEdit } from "./text-edits.ts";
import { valueAt, withValue } from "./yaml-path.ts";

/** Edited file, or the reason why it is left unchanged. */
export type EditedFile =
  | { readonly kind: "edited"; readonly text: string }
  | { readonly kind: "refused"; readonly because: string };

/**
 * Applies the changes to the text, so that comments, layout and all other bytes stay. The result is parsed again: if its document differs in more
 * than the requested changes, the file is left unchanged.
 */
export function editSteps(text: string, changes: readonly StepChange[], pin: ActionPin): EditedFile {
  const read = readYamlText(text);
  if (read === undefined) return { kind: "refused", because: "the file is not valid YAML" };
  const { document } = read;
  const edits: TextEdit[] = [];
  let wanted = read.value as YamlValue;
  // Edits go from the last step to the first, so that an inserted step does not move the steps still to be changed.
  for (const change of changes.toSorted(fromTheEnd)) {
    const step = document.getIn(change.path, true);
    const value = valueAt(wanted, change.path);
    if (!isMap(step) || value === undefined)
      return { kind: "refused", because: "the step stands elsewhere in the file, under an anchor" };
    const made = makeEdit({ text, document, step, value: asMap(value) }, change, pin);
    if (typeof made === "string") return { kind: "refused", because: made };
    edits.push(made.edit);
    wanted = withValue(wanted, change.path, made.value);
  }
  const edited = applyEdits(text, edits);
  const after = readYamlText(edited);
  return after !== undefined && isSame(after.value as YamlValue, wanted)
    ? { kind: "edited", text: edited }
    : { kind: "refused", because: "the changed file would not read as it should" };
}

/**
 * Sorts changes from the last step to the first. An insertion before a step comes after the other changes of that step, so that the step's index
 * stays valid.
 */
function fromTheEnd(left: StepChange, right: StepChange): number {
  for (const [index, key] of left.path.entries()) {
    const other = right.path[index];
    if (key === other) continue;
    if (other === undefined) return -1;
    if (typeof key === "number" && typeof other === "number") return other - key;
    return String(key) < String(other) ? -1 : 1;
  }
  if (right.path.length > left.path.length) return 1;
  return Number(left.kind === "set-up") - Number(right.kind === "set-up");
}

function makeEdit(step: EditedMap, change: StepChange, pin: ActionPin): MadeEdit | string {
  switch (change.kind) {
    case "use":
      return useAction(step, change.action, pin);
    case "set-up":
      return insertSetUp(step, change.path, pin);
    case "condition":
      return addCondition(step, change.condition);
    case "output":
      return addOutput(step, change);
  }
}

/** Replaces `uses:`, pinned in the same way as before: by tag, or by commit with a comment. */
function useAction({ text, step, value }: EditedMap, action: string, pin: ActionPin): MadeEdit | string {
  const pair = pairOf(step, "uses");
  const node = pair?.value;
  if (!isScalar(node) || node.range === null || node.range === undefined) return "uses: is no plain text";
  const [start, end] = node.range;
  const quote = /^["']/.exec(text.slice(start, end))?.[0] ?? "";
  const written = /^[ \t]*#[^\n\r]*/.exec(text.slice(end))?.[0] ?? "";
  const { uses, comment } = pinUses({ uses: String(node.value), comment: written }, action, pin);
  // A comment that is new would hide the rest of a map in braces.
  const kept = written === "" && isInFlow(step) ? "" : comment;
  return {
    edit: { start, end: end + written.length, text: `${quote}${uses}${quote}${kept}` },
    value: [{ ...value, uses }],
  };
}

/** Inserts a setup step before this one. The caller checks that no earlier step sets Slipway up. */
function insertSetUp({ text, document, step, value }: EditedMap, path: StepPath, pin: ActionPin): MadeEdit | string {
  const list = document.getIn(path.slice(0, -1), true);
  const start = step.range?.[0];
  if (!isSeq(list) || start === undefined) return "the steps are no list";
  const usesCommits = pinsCommits(text);
  const ref = usesCommits ? (pin.commit?.id ?? pin.ref) : pin.ref;
  const called = usesCommits && pin.commit !== undefined ? ` # ${pin.commit.called}` : "";
  const uses = `${pin.repository}/setup@${ref}`;
  const values = [{ uses }, value];
  if (list.flow === true)
    return { edit: { start, end: start, text: `{ uses: ${scalar(uses, true)} }, ` }, value: values };
  const dash = text.lastIndexOf("-", start);
  const line = text.lastIndexOf("\n", dash) + 1;
  if (!/^[ \t]*$/.test(text.slice(line, dash))) return "the step does not begin on a line of its own";
  const indent = text.slice(line, dash);
  const gap = text.slice(dash, start).includes("\n") ? "- " : text.slice(dash, start);
  const at = beforeComments(text, line, indent);
  const end = lineEndOf(text);
  return { edit: { start: at, end: at, text: `${indent}${gap}uses: ${uses}${called}${end}` }, value: values };
}

/** Whether most actions of a file are pinned to commits. */
function pinsCommits(text: string): boolean {
  const uses = text.split("\n").filter((line) => /\buses:/.test(line) && line.includes("@"));
  const commits = uses.filter((line) => /@[0-9a-f]{40}\b/.test(line)).length;
  return commits * 2 > uses.length;
}

/** Returns the offset at which the comments directly above a line begin, if they have the line's indentation. */
function beforeComments(text: string, line: number, indent: string): number {
  let at = line;
  for (;;) {
    const previous = text.lastIndexOf("\n", at - 2) + 1;
    if (at === 0 || !text.slice(previous, at).startsWith(`${indent}#`)) return at;
    at = previous;
  }
}

function isSame(left: YamlValue | undefined, right: YamlValue | undefined): boolean {
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null)
    return Object.is(left, right);
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [one, two] = [left, right].map((each) => Object.entries(each)) as [
    [string, YamlValue][],
    [string, YamlValue][],
  ];
  const others = new Map(two);
  return one.length === two.length && one.every(([key, each]) => others.has(key) && isSame(each, others.get(key)));
}
