import { posix } from "node:path";
import type { BuildSecret } from "../model/service.ts";
import {
  type ComposeService,
  mergeComposeServices,
  readComposeSecrets,
  readComposeService,
} from "./compose-service.ts";
import { type Cursor, cursorOf, isMap, readText, readTexts } from "./cursor.ts";
import { type Files, pathFromRoot } from "./files.ts";
import { interpolate, type Lookup, parseEnvFile } from "./interpolate.ts";
import { didYouMean } from "../model/closest.ts";
import { addFault, type Faults, type Place } from "./place.ts";
import { parseYamlFile } from "./yaml-file.ts";

/** A Compose project after `include`, `extends`, overrides and variables. */
export interface ComposeProject {
  readonly name: string | undefined;
  readonly services: ReadonlyMap<string, ComposeService>;
  readonly secrets: ReadonlyMap<string, BuildSecret["from"] | "external">;
}

/** What reading needs and adds to. */
export interface ComposeReading {
  readonly files: Files;
  readonly env: Lookup;
  readonly faults: Faults;
  readonly warnings: Set<string>;
}

/** Reads files that are laid one over the other; the folder of the first is what all their paths are relative to. */
export async function readComposeProject(
  paths: readonly string[],
  reading: ComposeReading,
  options: { folder?: string; envFiles?: readonly string[]; including?: readonly string[] } = {},
): Promise<ComposeProject> {
  const folder = options.folder ?? posix.dirname(paths[0] ?? ".");
  const env = await readEnv(options.envFiles ?? [posix.join(folder, ".env")], reading);
  const inner = { ...reading, env };
  const including = [...(options.including ?? []), ...paths];
  const services = new Map<string, ComposeService>();
  const secrets = new Map<string, BuildSecret["from"] | "external">();
  let name = env("COMPOSE_PROJECT_NAME");
  for (const path of paths) {
    const root = await readRoot(path, inner);
    if (root === undefined) continue;
    name ??= readText(root.get("name"), "name", reading.faults)?.value;
    await addIncludes(root.get("include"), folder, inner, including, { services, secrets });
    for (const [key, each] of readComposeSecrets(root.get("secrets"), folder, reading.faults)) secrets.set(key, each);
    for (const [service, cursor] of root.get("services").entries()) {
      const own = await readExtended(service, cursor, folder, root, inner, [`${path}:${service}`]);
      const under = services.get(service);
      services.set(service, under === undefined ? own : mergeComposeServices(under, own, resetKeys(cursor)));
    }
  }
  return { name, services, secrets };
}

async function readRoot(path: string, reading: ComposeReading): Promise<Cursor | undefined> {
  const { files, faults, env, warnings } = reading;
  const text = await files.readText(path);
  if (text === undefined) {
    addFault(faults, { file: path }, "the Compose file is not there");
    return undefined;
  }
  const yaml = parseYamlFile(path, text, faults);
  if (yaml === undefined) return undefined;
  const fill = (written: string, at: Place): string => {
    const filled = interpolate(written, env);
    if (filled.fault !== undefined) addFault(faults, at, filled.fault);
    for (const name of filled.unset) {
      warnings.add(`${at.file}:${at.line ?? 1}: the variable ${name} is not set and counts as empty`);
    }
    return filled.text;
  };
  const root = cursorOf(yaml, fill);
  if (yaml.value !== undefined && yaml.value !== null && !isMap(yaml.value)) {
    addFault(faults, root.at, "a Compose file must be a map");
  }
  const services = root.get("services");
  if (services.value !== undefined && services.value !== null && !isMap(services.value)) {
    addFault(faults, services.at, '"services" must be a map');
  }
  return root;
}

/** Variables of the environment win over those of `.env` files, and later files over earlier ones. */
async function readEnv(paths: readonly string[], { files, env }: ComposeReading): Promise<Lookup> {
  const values = new Map<string, string>();
  for (const path of paths) {
    const text = await files.readText(path);
    if (text === undefined) continue;
    for (const [name, value] of parseEnvFile(text, (key) => env(key) ?? values.get(key))) values.set(name, value);
  }
  return (name) => env(name) ?? values.get(name);
}

async function addIncludes(
  cursor: Cursor,
  folder: string,
  reading: ComposeReading,
  including: readonly string[],
  into: { services: Map<string, ComposeService>; secrets: Map<string, BuildSecret["from"] | "external"> },
): Promise<void> {
  for (const item of cursor.items()) {
    const { faults } = reading;
    const written = readTexts(isMap(item.value) ? item.get("path") : item, "include", faults);
    const paths = written.map(({ value, at }) => insideFault(folder, value, at, faults));
    const inside = paths.filter((path) => path !== undefined);
    const again = inside.find((path) => including.includes(path));
    if (again !== undefined) {
      addFault(faults, item.at, `files include each other in a circle: ${[...including, again].join(" -> ")}`);
      continue;
    }
    if (inside.length === 0 || inside.length < paths.length) continue;
    const own = readText(item.get("project_directory"), "project_directory", faults);
    const envFiles = readTexts(item.get("env_file"), "env_file", faults).map(({ value }) => below(folder, value));
    const project = await readComposeProject(inside, reading, {
      including,
      ...(own === undefined ? {} : { folder: below(folder, own.value) }),
      ...(envFiles.length === 0 ? {} : { envFiles }),
    });
    for (const [name, service] of project.services) {
      if (into.services.has(name)) addFault(faults, item.at, `the service "${name}" is included twice`);
      into.services.set(name, service);
    }
    for (const [name, secret] of project.secrets) into.secrets.set(name, secret);
  }
}

function below(folder: string, written: string): string {
  return posix.isAbsolute(written) ? posix.normalize(written) : posix.join(folder, written);
}

function insideFault(folder: string, written: string, at: Place, faults: Faults): string | undefined {
  const path = pathFromRoot(folder, written);
  if (path === undefined) addFault(faults, at, `"${written}" lies outside of the repository`);
  return path;
}

/** A service over what it `extends`, from its own file or another. */
async function readExtended(
  name: string,
  cursor: Cursor,
  folder: string,
  root: Cursor,
  reading: ComposeReading,
  chain: readonly string[],
): Promise<ComposeService> {
  const { faults } = reading;
  const own = readComposeService(cursor, folder, faults);
  const extended = cursor.get("extends");
  if (extended.value === undefined || extended.value === null) return own;
  const base = readText(isMap(extended.value) ? extended.get("service") : extended, "extends", faults);
  if (base === undefined) {
    addFault(faults, extended.at, `"extends" of "${name}" needs a service`);
    return own;
  }
  const file = readText(extended.get("file"), "file", faults);
  const path = file === undefined ? undefined : insideFault(folder, file.value, file.at, faults);
  const otherRoot = file === undefined ? root : path === undefined ? undefined : await readRoot(path, reading);
  if (otherRoot === undefined) return own;
  const key = `${path ?? fileOf(chain)}:${base.value}`;
  if (chain.includes(key)) {
    addFault(faults, extended.at, `services extend each other in a circle: ${[...chain, key].join(" -> ")}`);
    return own;
  }
  const baseCursor = otherRoot.get("services").get(base.value);
  if (baseCursor.value === undefined) {
    const near = didYouMean(
      base.value,
      otherRoot
        .get("services")
        .entries()
        .map(([service]) => service),
    );
    addFault(faults, base.at, `there is no service "${base.value}" to extend${near}`);
    return own;
  }
  const baseFolder = path === undefined ? folder : posix.dirname(path);
  const under = await readExtended(base.value, baseCursor, baseFolder, otherRoot, reading, [...chain, key]);
  return { ...mergeComposeServices(under, own, resetKeys(cursor)), at: own.at };
}

function fileOf(chain: readonly string[]): string {
  const last = chain.at(-1) ?? "";
  return last.slice(0, last.lastIndexOf(":"));
}

/** Keys that carry `!reset` or `!override`. */
function resetKeys(cursor: Cursor): { service: Set<string>; build: Set<string> } {
  const tagged = (each: Cursor): Set<string> =>
    new Set(each.entries().flatMap(([key, value]) => (/^!(?:reset|override)$/.test(value.tag ?? "") ? [key] : [])));
  return { service: tagged(cursor), build: tagged(cursor.get("build")) };
}
