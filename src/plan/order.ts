import { addAll } from "../model/lists.ts";
import { SlipwayError } from "../errors.ts";
import { byCodeUnit } from "../model/order.ts";

interface Node {
  readonly name: string;
  readonly needs: readonly string[];
}

/**
 * Dependencies first, otherwise by name. Needs that are not among the nodes are passed over.
 * Throws `configuration` with the cycle spelled out (`api -> base -> api`).
 */
export function orderByNeeds<T extends Node>(nodes: readonly T[]): T[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const ordered: T[] = [];
  const state = new Map<string, "open" | "done">();
  for (const start of nodes.toSorted((a, b) => byCodeUnit(a.name, b.name))) {
    if (state.has(start.name)) continue;
    // From `start` to the node in question. No recursion: a row of needs may be longer than the stack.
    const open: Visit<T>[] = [];
    const enter = (node: T): void => {
      state.set(node.name, "open");
      open.push({ node, left: node.needs.toSorted(byCodeUnit).reverse() });
    };
    enter(start);
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const need = last.left.pop();
      const needed = need === undefined ? undefined : byName.get(need);
      if (need === undefined) {
        open.pop();
        state.set(last.node.name, "done");
        ordered.push(last.node);
      } else if (state.get(need) === "open") throw circle(open, need);
      else if (needed !== undefined && !state.has(need)) enter(needed);
    }
  }
  return ordered;
}

/** A node that was entered, and its needs that were not looked at yet, last first. */
interface Visit<T> {
  readonly node: T;
  readonly left: string[];
}

function circle(open: readonly Visit<Node>[], need: string): SlipwayError {
  const names = open.map(({ node }) => node.name);
  const cycle = [...names.slice(names.indexOf(need)), need].join(" -> ");
  return new SlipwayError("needs-in-circle", `services need each other in a circle: ${cycle}`, {
    hint: "remove one of these needs, contexts or FROM lines",
  });
}

/** The named services and everything they need, directly or through others. */
export function withNeeds(nodes: readonly Node[], names: readonly string[]): Set<string> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const found = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const node = byName.get(name);
    if (node === undefined || found.has(name)) continue;
    found.add(name);
    addAll(queue, node.needs);
  }
  return found;
}
