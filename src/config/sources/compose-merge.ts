import { type ComposeMap, type ComposeNode, isComposeList, isComposeMap } from "./compose-node.ts";
import type { Steps } from "../../model/steps.ts";
import { addFault, type Faults } from "../written/place.ts";
import { takeSteps } from "./interpolate.ts";

/** Keys below `build` that may be a map or a list of `name=value`, so that they are merged as lists. */
const pairs: ReadonlySet<string> = new Set(["args", "additional_contexts", "labels", "extra_hosts", "ssh"]);

/** Removes the values at the paths from a tree. */
export function withoutPaths(node: ComposeNode, paths: readonly (readonly string[])[]): ComposeNode {
  const { value } = node;
  if (!isComposeMap(value) || paths.length === 0) return node;
  const below = pathsByKey(paths);
  const entries = [...value].flatMap(([key, each]): [string, ComposeNode][] => {
    const inside = below.get(key) ?? [];
    return inside.some((path) => path.length === 0) ? [] : [[key, withoutPaths(each, inside)]];
  });
  return { ...node, value: new Map(entries) };
}

/** Groups paths by their first part, which is taken off. */
export function pathsByKey(paths: readonly (readonly string[])[]): ReadonlyMap<string, readonly (readonly string[])[]> {
  const below = new Map<string, (readonly string[])[]>();
  for (const [first = "", ...rest] of paths) {
    const known = below.get(first) ?? [];
    known.push(rest);
    below.set(first, known);
  }
  return below;
}

/** Receives the faults of a merge, and limits what it copies. */
export type ComposeMerge = { readonly faults: Faults; readonly steps: Steps };

/**
 * Lays one tree over another as compose-go does (`override/merge.go`): maps are merged, lists added to, text is replaced, and null leaves
 * what is there. `path`: the path of both trees in the file.
 */
export function mergeComposeNodes(
  under: ComposeNode | undefined,
  over: ComposeNode,
  path: readonly string[],
  merging: ComposeMerge,
): ComposeNode {
  if (under === undefined) return over;
  if (path.length === 3 && path[0] === "services" && path[2] === "build") {
    return mergeKnown(asBuild(under), asBuild(over), path, merging);
  }
  if (path.length === 4 && path[0] === "services" && path[2] === "build" && pairs.has(path[3] ?? "")) {
    return joinLists(asList(under), asList(over), over, merging);
  }
  return mergeKnown(under, over, path, merging);
}

function mergeKnown(
  under: ComposeNode,
  over: ComposeNode,
  path: readonly string[],
  merging: ComposeMerge,
): ComposeNode {
  if (over.value === null) return under;
  if (isComposeMap(under.value) && isComposeMap(over.value)) {
    takeMergeSteps(over, under.value.size + over.value.size, merging);
    return { ...over, value: mergeMaps(under.value, over.value, path, merging) };
  }
  if (isComposeList(under.value) && isComposeList(over.value)) {
    return joinLists(under.value, over.value, over, merging);
  }
  if (isComposeMap(under.value) || isComposeList(under.value)) {
    const kind = isComposeMap(under.value) ? "a map" : "a list";
    addFault(merging.faults, over.at, `"${path.at(-1) ?? ""}" is ${kind} in the file below and something else here`);
    return under;
  }
  return over;
}

function mergeMaps(under: ComposeMap, over: ComposeMap, path: readonly string[], merging: ComposeMerge): ComposeMap {
  const merged = new Map(under);
  for (const [key, node] of over) {
    merged.set(key, mergeComposeNodes(under.get(key), node, [...path, key], merging));
  }
  return merged;
}

function joinLists(
  under: readonly ComposeNode[],
  over: readonly ComposeNode[],
  node: ComposeNode,
  merging: ComposeMerge,
): ComposeNode {
  takeMergeSteps(node, under.length + over.length, merging);
  return { ...node, value: [...under, ...over] };
}

/** A merge copies both sides, so services that extend each other in a row may copy the square of what they hold. */
function takeMergeSteps({ at }: ComposeNode, count: number, { steps }: ComposeMerge): void {
  takeSteps(at, "merge services with those that they extend", steps, count);
}

/** The long form of a build: `build: folder` means `build: { context: folder }`. */
export function asBuild(node: ComposeNode): ComposeNode {
  if (typeof node.value !== "string") return node;
  return { ...node, value: new Map([["context", node]]) };
}

/** Converts a map to a list of `name=value`, or `name` for null. Variables are filled in later, and only in values. */
function asList({ value, ...node }: ComposeNode): ComposeNode[] {
  if (isComposeList(value)) return [...value];
  if (typeof value === "string") return [{ ...node, value }];
  if (!isComposeMap(value)) return [];
  return [...value].flatMap(([key, each]): ComposeNode[] => {
    const name = key.replaceAll("$", "$$$$");
    const values = isComposeList(each.value) ? each.value : [each];
    return values.map((item) => ({
      ...item,
      keyAt: each.keyAt,
      value: typeof item.value === "string" ? `${name}=${item.value}` : name,
    }));
  });
}
