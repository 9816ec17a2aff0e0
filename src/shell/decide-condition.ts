import { decideTest } from "./decide-test.ts";
import { expandText, type ShellValues } from "./expand-word.ts";
import type { ShellNode } from "./script.ts";

/** Whether a command only tests. */
export function isTest(node: ShellNode): boolean {
  if (node.kind === "test") return true;
  if (node.kind === "and" || node.kind === "or") return isTest(node.left) && isTest(node.right);
  const [word] = node.kind === "command" ? node.words : [];
  const [part] = word?.parts ?? [];
  return part?.kind === "text" && ["[", "test", "grep", "command", "which", "!"].includes(part.text);
}

/** Decides a condition of one node; undefined: it is unknown. */
export function decideAll(nodes: readonly ShellNode[], values: ShellValues): boolean | undefined {
  const [only, ...more] = nodes;
  return only === undefined || more.length > 0 ? undefined : decide(only, values);
}

/** Decides a condition; undefined: it is unknown. */
export function decide(node: ShellNode, values: ShellValues): boolean | undefined {
  if (node.kind === "test") return decideAll(node.body, values);
  if (node.kind === "and" || node.kind === "or") {
    const [left, right] = [decide(node.left, values), decide(node.right, values)];
    const strong = node.kind === "or";
    if (left === strong || right === strong) return strong;
    return left === undefined || right === undefined ? undefined : !strong;
  }
  if (node.kind !== "command") return undefined;
  const words = node.words.map((word) => expandText(word, values));
  return decideTest(words);
}
