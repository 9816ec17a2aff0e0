import { posix } from "node:path";
import { didYouMean } from "../../model/closest.ts";
import { type ComposeCursor, composeCursor } from "./compose-cursor.ts";
import { type ComposeReading, readDocuments } from "./compose-documents.ts";
import { mergeComposeNodes, withoutPaths } from "./compose-merge.ts";
import { type ComposeDocument, type ComposeNode, isComposeMap } from "./compose-node.ts";
import { isMap, readText } from "../written/cursor.ts";
import { pathFromRoot } from "../files.ts";
import { takeSteps } from "./interpolate.ts";
import { addFault, type Faults, type Place } from "../written/place.ts";

/** Files that are read for a project, and the folder that their paths are relative to. */
export interface Loading extends ComposeReading {
  readonly folder: string;
  /** Files that include these files. */
  readonly including: readonly string[];
}

/** Resolves a path in a file of `folder`, relative to the root; undefined, with a fault: it leaves the repository. */
export function insideFault(folder: string, written: string, at: Place, faults: Faults): string | undefined {
  const path = pathFromRoot(folder, written);
  if (path === undefined) addFault(faults, at, `"${written}" lies outside of the repository`);
  return path;
}

/** One document with the folder that its `extends` files are relative to. */
interface Source {
  readonly path: string;
  readonly folder: string;
  readonly services: ComposeCursor;
  readonly resets: ComposeDocument["resets"];
}

/** One service of a document. */
interface DocumentService {
  readonly name: string;
  readonly service: ComposeNode;
  readonly source: Source;
}

/** Merges each service of a document over the one that it `extends`. */
export async function extendServices(path: string, document: ComposeDocument, loading: Loading): Promise<ComposeNode> {
  const { root, resets } = document;
  const services = isComposeMap(root.value) ? root.value.get("services") : undefined;
  if (!isComposeMap(root.value) || services === undefined || !isComposeMap(services.value)) return root;
  const source = { path, folder: loading.folder, services: composeCursor(services), resets };
  const extended = new Map<string, ComposeNode>();
  for (const [name, service] of services.value) {
    extended.set(name, await extendService({ name, service, source }, loading, [`${path}:${name}`]));
  }
  return { ...root, value: new Map([...root.value, ["services", { ...services, value: extended }]]) };
}

/** Merges a service over the one that it `extends`, from its own file or another. Source: compose-go, `loader/extends.go`. */
async function extendService(
  { name, service, source }: DocumentService,
  loading: Loading,
  chain: readonly string[],
): Promise<ComposeNode> {
  const { faults } = loading;
  takeSteps(service.at, `extend the service "${name}"`, loading.steps, chain.length);
  const extended = composeCursor(service).get("extends");
  if (!isComposeMap(service.value) || extended.value === undefined || extended.value === null) return service;
  const own = { ...service, value: new Map([...service.value].filter(([key]) => key !== "extends")) };
  const base = readText(isMap(extended.value) ? extended.get("service") : extended, "extends", faults);
  if (base === undefined) {
    addFault(faults, extended.at, `"extends" of "${name}" needs a service`);
    return own;
  }
  const from = await extendedSource(extended, source, loading);
  if (from === undefined) return own;
  const key = `${from.path}:${base.value}`;
  if (chain.includes(key)) {
    addFault(faults, extended.at, `services extend each other in a circle: ${[...chain, key].join(" -> ")}`);
    return own;
  }
  const node = from.services.get(base.value).node;
  if (node === undefined) {
    const known = from.services.entries().map(([each]) => each);
    addFault(faults, base.at, `there is no service "${base.value}" to extend${didYouMean(base.value, known)}`);
    return own;
  }
  const under = await extendService({ name: base.value, service: node, source: from }, loading, [...chain, key]);
  const resets = source.resets.flatMap(([top, each, ...path]) => (top === "services" && each === name ? [path] : []));
  const merged = mergeComposeNodes(withoutPaths(under, resets), own, ["services", name], faults);
  return { ...merged, at: own.at, keyAt: own.keyAt };
}

async function extendedSource(extended: ComposeCursor, source: Source, loading: Loading): Promise<Source | undefined> {
  const file = readText(extended.get("file"), "file", loading.faults);
  if (file === undefined) return source;
  const path = insideFault(source.folder, file.value, file.at, loading.faults);
  if (path === undefined) return undefined;
  const folder = posix.dirname(path);
  const documents = await readDocuments(path, folder, loading);
  const [first, ...rest] = documents;
  if (first === undefined) return undefined;
  const root = rest.reduce(
    (under, { root: over, resets }) => mergeComposeNodes(withoutPaths(under, resets), over, [], loading.faults),
    first.root,
  );
  return { path, folder, services: composeCursor(root).get("services"), resets: documents.at(-1)?.resets ?? [] };
}
