import { posix } from "node:path";
import type { BuildSecret } from "../../model/service.ts";
import { composeCursor } from "./compose-cursor.ts";
import { type ComposeReading, mapServices, originOf, readDocuments } from "./compose-documents.ts";
import { extendServices, insideFault, type ComposeLoad } from "./compose-extends.ts";
import { asBuild, mergeComposeNodes, type ComposeMerge, withoutPaths } from "./compose-merge.ts";
import { type ComposeDocument, type ComposeNode, type ComposeOrigin, isComposeMap } from "./compose-node.ts";
import { type ComposeService, readComposeSecrets, readComposeService } from "./compose-service.ts";
import { isMap, readText, readTexts } from "../written/cursor.ts";
import { parseEnvFile } from "./env-file.ts";
import type { Lookup } from "./interpolate.ts";
import { addFault, type Place } from "../written/place.ts";
import { hideCredentials } from "./suspicious-args.ts";

/** A Compose project after `include`, `extends`, overrides and variables. */
export interface ComposeProject {
  readonly name: string | undefined;
  readonly services: ReadonlyMap<string, ComposeService>;
  readonly secrets: ReadonlyMap<string, BuildSecret["from"] | "external">;
  /** Variables of the environment, then of the project's `.env`. Args without a value take theirs here. */
  readonly env: Lookup;
}

/** Reads files as overrides of each other. All their paths are relative to the folder of the first. */
export async function readComposeProject(paths: readonly string[], reading: ComposeReading): Promise<ComposeProject> {
  const { faults } = reading;
  const folder = posix.dirname(paths[0] ?? ".");
  const env = await readEnv([posix.join(folder, ".env")], reading);
  const project = await loadModel(paths, { ...reading, env, folder, including: [], extended: new Map() });
  const root = composeCursor(project);
  const services = new Map<string, ComposeService>();
  for (const [name, cursor] of root.get("services").entries()) {
    if (isMap(cursor.value)) services.set(name, readComposeService(cursor, faults));
  }
  const name = env("COMPOSE_PROJECT_NAME") ?? readText(root.get("name"), "name", faults)?.value;
  return { name, services, secrets: readComposeSecrets(root.get("secrets"), faults), env };
}

/** Merges files into one tree. Source: compose-go, `loader/loader.go`. */
async function loadModel(paths: readonly string[], loading: ComposeLoad): Promise<ComposeNode> {
  const { folder } = loading;
  const start = { file: paths[0] ?? folder };
  let model: ComposeNode = { at: start, keyAt: start, origin: originOf(folder, loading), value: new Map() };
  for (const path of paths) {
    for (const document of await readDocuments(path, folder, loading)) {
      const including = [...loading.including, ...paths];
      const included = await addIncludes(document, { ...loading, including });
      const own = await extendServices(path, { ...document, root: included }, loading);
      model = mergeComposeNodes(withoutPaths(model, document.resets), own, [], loading);
    }
  }
  return withDefaultContexts(model, originOf(folder, loading));
}

/** A build without a context uses the project's folder, not that of a file that it extends. */
function withDefaultContexts(model: ComposeNode, origin: ComposeOrigin): ComposeNode {
  const services = isComposeMap(model.value) ? model.value.get("services") : undefined;
  if (!isComposeMap(model.value) || services === undefined) return model;
  const changed = mapServices(services, (service) => {
    const written = isComposeMap(service.value) ? service.value.get("build") : undefined;
    if (written === undefined || !isComposeMap(service.value)) return service;
    const build = asBuild(written);
    const context = isComposeMap(build.value) ? build.value.get("context") : undefined;
    if (!isComposeMap(build.value) || (context !== undefined && context.value !== null)) return service;
    const here = { at: build.at, keyAt: build.keyAt, origin, value: "." };
    const full = { ...build, value: new Map([...build.value, ["context", here]]) };
    return { ...service, value: new Map([...service.value, ["build", full]]) };
  });
  return { ...model, value: new Map([...model.value, ["services", changed]]) };
}

/** Variables of the environment win over those of `.env` files, and later files over earlier ones. */
async function readEnv(paths: readonly string[], { files, env, steps }: ComposeReading): Promise<Lookup> {
  const values = new Map<string, string>();
  for (const path of paths) {
    const text = await files.readText(path);
    if (text === undefined) continue;
    const seen = hideCredentials((key) => env(key) ?? values.get(key));
    for (const [name, value] of parseEnvFile(path, text, seen, steps)) values.set(name, value);
  }
  return (name) => env(name) ?? values.get(name);
}

/** Lays the document over the services and secrets of the files that it includes. */
async function addIncludes({ root, resets }: ComposeDocument, loading: ComposeLoad): Promise<ComposeNode> {
  const { faults, folder, including } = loading;
  const entries = new Map(isComposeMap(root.value) ? root.value : []);
  entries.delete("include");
  const own: ComposeNode = { ...root, value: entries };
  const included: Resources = new Map();
  for (const item of composeCursor(root).get("include").items()) {
    const written = readTexts(isMap(item.value) ? item.get("path") : item, "include", faults);
    const paths = written.map(({ value, at }) => insideFault(folder, value, at, faults));
    const inside = paths.filter((path) => path !== undefined);
    const again = inside.find((path) => including.includes(path));
    if (again !== undefined) {
      addFault(faults, item.at, `files include each other in a circle: ${[...including, again].join(" -> ")}`);
      continue;
    }
    const [first] = inside;
    if (first === undefined || inside.length < paths.length) continue;
    const project = readText(item.get("project_directory"), "project_directory", faults);
    const directory = project === undefined ? posix.dirname(first) : below(folder, project.value);
    const envFiles = readTexts(item.get("env_file"), "env_file", faults).map(({ value }) => below(folder, value));
    const env = await readEnv(envFiles.length === 0 ? [posix.join(directory, ".env")] : envFiles, loading);
    const model = await loadModel(inside, { ...loading, env, folder: directory, including, extended: new Map() });
    addResources(included, model, item.at, loading);
  }
  const under = { ...root, value: new Map([...included].map(([key, value]) => [key, { ...root, value }])) };
  return mergeComposeNodes(withoutPaths(under, resets), own, [], loading);
}

/** Services and secrets of included files, by key and name. */
type Resources = Map<string, Map<string, ComposeNode>>;

/** Adds the resources of one more included file. Two files that bring the same service are a fault. */
function addResources(included: Resources, model: ComposeNode, at: Place, merging: ComposeMerge): void {
  for (const key of ["services", "secrets"]) {
    const all = isComposeMap(model.value) ? model.value.get(key)?.value : undefined;
    if (all === undefined || !isComposeMap(all)) continue;
    const known = included.get(key) ?? new Map<string, ComposeNode>();
    for (const [name, node] of all) {
      const before = known.get(name);
      if (before !== undefined && key === "services") {
        addFault(merging.faults, at, `the service "${name}" is included twice`);
      }
      known.set(name, mergeComposeNodes(before, node, [key, name], merging));
    }
    included.set(key, known);
  }
}

function below(folder: string, written: string): string {
  return posix.isAbsolute(written) ? posix.normalize(written) : posix.join(folder, written);
}
