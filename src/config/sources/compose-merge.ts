import { type ComposeMap, type ComposeNode, isComposeList, isComposeMap } from "./compose-node.ts";
import { addFault, type Faults } from "../written/place.ts";

/** Keys below `build` that may be a map or a list of `name=value`, so that they are merged as lists. */
const pairs: ReadonlySet<string> = new Set(["args", "additional_contexts", "labels", "extra_hosts", "ssh"]);

/** Removes the values at the paths from a tree. */
export function withoutPaths(node: ComposeNode, paths: readonly (readonly string[])[]): ComposeNode {
  const { value } = node;
  if (!isComposeMap(value) || paths.length === 0) return node;
  const entries = [...value].flatMap(([key, each]): [string, ComposeNode][] => {
    const below = paths.filter(([first]) => first === key).map((path) => path.slice(1));
    return below.some((path) => path.length === 0) ? [] : [[key, withoutPaths(each, below)]];
  });
  return { ...node, value: new Map(entries) };
}

/**
 * Lays one tree over another as compose-go does (`override/merge.go`): maps are merged, lists added to, text is replaced, and null leaves
 * what is there. `path`: the path of both trees in the file.
 */
export function mergeComposeNodes(
  under: ComposeNode | undefined,
  over: ComposeNode,
  path: readonly string[],
  faults: Faults,
): ComposeNode {
  if (under === undefined) return over;
  if (path.length === 3 && path[0] === "services" && path[2] === "build") {
    return mergeKnown(asBuild(under), asBuild(over), path, faults);
  }
  if (path.length === 4 && path[0] === "services" && path[2] === "build" && pairs.has(path[3] ?? "")) {
    return { ...over, value: [...asList(under), ...asList(over)] };
  }
  return mergeKnown(under, over, path, faults);
}

function mergeKnown(under: ComposeNode, over: ComposeNode, path: readonly string[], faults: Faults): ComposeNode {
  if (over.value === null) return under;
  if (isComposeMap(under.value) && isComposeMap(over.value)) {
    return { ...over, value: mergeMaps(under.value, over.value, path, faults) };
  }
  if (isComposeList(under.value) && isComposeList(over.value)) {
    return { ...over, value: [...under.value, ...over.value] };
  }
  if (isComposeMap(under.value) || isComposeList(under.value)) {
    const kind = isComposeMap(under.value) ? "a map" : "a list";
    addFault(faults, over.at, `"${path.at(-1) ?? ""}" is ${kind} in the file below and something else here`);
    return under;
  }
  return over;
}

function mergeMaps(under: ComposeMap, over: ComposeMap, path: readonly string[], faults: Faults): ComposeMap {
  const merged = new Map(under);
  for (const [key, node] of over) {
    merged.set(key, mergeComposeNodes(under.get(key), node, [...path, key], faults));
  }
  return merged;
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
