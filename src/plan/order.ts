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
  const path: string[] = [];

  const visit = (node: T): void => {
    if (state.get(node.name) === "done") return;
    if (state.get(node.name) === "open") {
      const cycle = [...path.slice(path.indexOf(node.name)), node.name].join(" -> ");
      throw new SlipwayError("needs-in-circle", `services need each other in a circle: ${cycle}`, {
        hint: "remove one of these needs, contexts or FROM lines",
      });
    }
    state.set(node.name, "open");
    path.push(node.name);
    for (const need of [...node.needs].sort(byCodeUnit)) {
      const needed = byName.get(need);
      if (needed !== undefined) visit(needed);
    }
    path.pop();
    state.set(node.name, "done");
    ordered.push(node);
  };

  for (const node of [...nodes].sort((a, b) => byCodeUnit(a.name, b.name))) visit(node);
  return ordered;
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
    queue.push(...node.needs);
  }
  return found;
}
