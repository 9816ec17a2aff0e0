import { posix } from "node:path";
import { type ComposeCursor, composeCursor } from "./compose-cursor.ts";
import { type ComposeReading, readDocuments } from "./compose-documents.ts";
import { mergeComposeNodes, pathsByKey, withoutPaths } from "./compose-merge.ts";
import { type ComposeDocument, type ComposeNode, isComposeMap } from "./compose-node.ts";
import { isMap, readText } from "../written/cursor.ts";
import { pathFromRoot } from "../files.ts";
import { takeSteps } from "./interpolate.ts";
import { addFault, type Faults, type Place, suggestion } from "../written/place.ts";

/** Files that are read for a project, and the folder that their paths are relative to. */
export interface ComposeLoad extends ComposeReading {
  readonly folder: string;
  /** Files that include these files. */
  readonly including: readonly string[];
  /** Other files with services that are extended, by path: each is read once. */
  readonly extended: Map<string, Promise<Source | undefined>>;
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
  /** Paths with `!reset` or `!override` in each service. */
  readonly resets: ReadonlyMap<string, ComposeDocument["resets"]>;
  /** Services that are merged already, by name. */
  readonly merged: Map<string, ComposeNode>;
}

function makeSource(path: string, folder: string, services: ComposeCursor, resets: ComposeDocument["resets"]): Source {
  const byService = pathsByKey(pathsByKey(resets).get("services") ?? []);
  return { path, folder, services, resets: byService, merged: new Map() };
}

/** One service of a document. */
interface DocumentService {
  readonly name: string;
  readonly service: ComposeNode;
  readonly source: Source;
}

/** Merges each service of a document over the one that it `extends`. */
export async function extendServices(
  path: string,
  document: ComposeDocument,
  loading: ComposeLoad,
): Promise<ComposeNode> {
  const { root, resets } = document;
  const services = isComposeMap(root.value) ? root.value.get("services") : undefined;
  if (!isComposeMap(root.value) || services === undefined || !isComposeMap(services.value)) return root;
  const source = makeSource(path, loading.folder, composeCursor(services), resets);
  const extended = new Map<string, ComposeNode>();
  for (const [name, service] of services.value) {
    extended.set(name, await extendService({ name, service, source }, loading, new Set([`${path}:${name}`])));
  }
  return { ...root, value: new Map([...root.value, ["services", { ...services, value: extended }]]) };
}

/**
 * Merges a service over the one that it `extends`, from its own file or another, once for all that extend it. `chain`: this service, and
 * those whose merge waits for it. Source: compose-go, `loader/extends.go`.
 */
async function extendService(of: DocumentService, loading: ComposeLoad, chain: Set<string>): Promise<ComposeNode> {
  const known = of.source.merged.get(of.name);
  if (known !== undefined) return known;
  const merged = await mergeExtended(of, loading, chain);
  of.source.merged.set(of.name, merged);
  return merged;
}

async function mergeExtended(
  { name, service, source }: DocumentService,
  loading: ComposeLoad,
  chain: Set<string>,
): Promise<ComposeNode> {
  const { faults } = loading;
  takeSteps(service.at, `extend the service "${name}"`, loading.steps, 1);
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
  if (chain.has(key)) {
    addFault(faults, extended.at, `services extend each other in a circle: ${[...chain, key].join(" -> ")}`);
    return own;
  }
  const node = from.services.get(base.value).node;
  if (node === undefined) {
    const near = suggestion(faults, base.value, () => from.services.entries().map(([each]) => each));
    addFault(faults, base.at, `there is no service "${base.value}" to extend${near}`);
    return own;
  }
  chain.add(key);
  const under = await extendService({ name: base.value, service: node, source: from }, loading, chain);
  chain.delete(key);
  const below = withoutPaths(under, source.resets.get(name) ?? []);
  const merged = mergeComposeNodes(below, own, ["services", name], loading);
  return { ...merged, at: own.at, keyAt: own.keyAt };
}

async function extendedSource(
  extended: ComposeCursor,
  source: Source,
  loading: ComposeLoad,
): Promise<Source | undefined> {
  const file = readText(extended.get("file"), "file", loading.faults);
  if (file === undefined) return source;
  const path = insideFault(source.folder, file.value, file.at, loading.faults);
  if (path === undefined) return undefined;
  const known = loading.extended.get(path) ?? readSource(path, loading);
  loading.extended.set(path, known);
  return known;
}

async function readSource(path: string, loading: ComposeLoad): Promise<Source | undefined> {
  const folder = posix.dirname(path);
  const documents = await readDocuments(path, folder, loading);
  const [first, ...rest] = documents;
  if (first === undefined) return undefined;
  const root = rest.reduce(
    (under, { root: over, resets }) => mergeComposeNodes(withoutPaths(under, resets), over, [], loading),
    first.root,
  );
  return makeSource(path, folder, composeCursor(root).get("services"), documents.at(-1)?.resets ?? []);
}
