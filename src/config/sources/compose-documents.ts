import {
  type ComposeDocument,
  type ComposeNode,
  type ComposeOrigin,
  isComposeMap,
  parseComposeDocuments,
} from "./compose-node.ts";
import type { Steps } from "../../model/steps.ts";
import type { Files } from "../files.ts";
import { interpolateAt, type Lookup, takeSteps } from "./interpolate.ts";
import { addFault, type Faults, type Place } from "../written/place.ts";
import { credentialFault, hideCredentials } from "./suspicious-args.ts";

/** The inputs and outputs of reading Compose files. */
export interface ComposeReading {
  readonly files: Files;
  readonly env: Lookup;
  readonly faults: Faults;
  readonly warnings: Set<string>;
  /** The limit for the variables of all files. */
  readonly steps: Steps;
}

/** Steps of one read, beside its characters. Allows about 1,000 reads of files, repeated ones included. */
const stepsOfFile = 4096;

/** Reads the documents of one file, reduced to the keys that images depend on. `folder`: the folder that its paths are relative to. */
export async function readDocuments(path: string, folder: string, reading: ComposeReading): Promise<ComposeDocument[]> {
  const { files, faults } = reading;
  const text = await files.readText(path);
  const count = stepsOfFile + (text?.length ?? 0);
  takeSteps({ file: path, line: 1 }, "read the files that include or extend each other", reading.steps, count);
  if (text === undefined) {
    addFault(faults, { file: path }, "the Compose file is not there");
    return [];
  }
  const documents = parseComposeDocuments(path, text, originOf(folder, reading), faults) ?? [];
  return documents.map((document) => ({ ...document, root: keepKnown(document.root, faults) }));
}

/** The origin of a file's values, with the environment's variables filled in. */
export function originOf(folder: string, { env, faults, warnings, steps }: ComposeReading): ComposeOrigin {
  const fill = (written: string, at: Place, set?: ReadonlyMap<string, string>): string => {
    const credentials = new Set<string>();
    const seen = hideCredentials(env, (name) => void credentials.add(name));
    const filled = interpolateAt(at, written, (name) => set?.get(name) ?? seen(name), steps);
    for (const name of credentials) addFault(faults, at, credentialFault(name));
    if (filled.fault !== undefined) addFault(faults, at, filled.fault);
    for (const name of filled.unset) {
      warnings.add(`${at.file}:${at.line ?? 1}: the variable ${name} is not set and counts as empty`);
    }
    return filled.text;
  };
  return { folder, fill, env, steps };
}

const topKeys: ReadonlySet<string> = new Set(["name", "include", "services", "secrets"]);
const serviceKeys: ReadonlySet<string> = new Set(["image", "build", "platform", "profiles", "extends"]);

/** Reduces a file's tree to the keys that images depend on: the rest need not merge or make sense. */
function keepKnown(root: ComposeNode, faults: Faults): ComposeNode {
  if (!isComposeMap(root.value)) {
    if (root.value !== null) addFault(faults, root.at, "a Compose file must be a map");
    return { ...root, value: new Map() };
  }
  const services = root.value.get("services");
  if (services !== undefined && services.value !== null && !isComposeMap(services.value)) {
    addFault(faults, services.at, '"services" must be a map');
  }
  const kept =
    isComposeMap(services?.value ?? null) && services !== undefined ? mapServices(services, onlyKnown) : null;
  const entries = [...root.value].filter(([key]) => topKeys.has(key) && (key !== "services" || kept !== null));
  return { ...root, value: new Map(entries.map(([key, node]) => [key, key === "services" ? (kept ?? node) : node])) };
}

function onlyKnown(service: ComposeNode): ComposeNode {
  if (!isComposeMap(service.value)) return service;
  return { ...service, value: new Map([...service.value].filter(([key]) => serviceKeys.has(key))) };
}

/** The `services` of a file with each one changed. */
export function mapServices(services: ComposeNode, change: (service: ComposeNode) => ComposeNode): ComposeNode {
  if (!isComposeMap(services.value)) return services;
  return { ...services, value: new Map([...services.value].map(([name, service]) => [name, change(service)])) };
}
