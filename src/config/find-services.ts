import { posix } from "node:path";
import type { Host } from "../host.ts";
import { defaultDockerfile, findDockerfiles } from "./dockerfiles.ts";
import { type Files, pathFromRoot } from "./files.ts";
import { guessContext } from "./guess-context.ts";
import type { Found, FoundService } from "./layer.ts";
import { addFault, type Faults, type Said } from "./place.ts";
import type { ConfigFile } from "./read-config.ts";
import type { WrittenService } from "./written.ts";

/** Dockerfiles that the person says nobody ships. */
export function ignorePatterns(written: ConfigFile | undefined): string[] {
  const ignore = written?.config.ignore ?? [];
  return typeof ignore === "string" ? [ignore] : ignore;
}

/** Services from the first source that gives one. */
export async function findServices(
  host: Host,
  files: Files,
  written: ConfigFile | undefined,
  repositoryName: string,
  faults: Faults,
): Promise<Found> {
  void host;
  if (written !== undefined && listsServices(written)) return listedServices(written, files, faults);
  return findDockerfiles(files, repositoryName, ignorePatterns(written));
}

/** One entry that says where it lies makes the file the list. */
function listsServices({ config }: ConfigFile): boolean {
  if (config.from !== undefined) return false;
  const entries = Object.values(config.services ?? {});
  return entries.some((entry) => entry?.context !== undefined || entry?.dockerfile !== undefined);
}

async function listedServices({ config, yaml }: ConfigFile, files: Files, faults: Faults): Promise<Found> {
  const services: FoundService[] = [];
  for (const [name, entry] of Object.entries(config.services ?? {})) {
    const at = yaml.place(["services", name], "key");
    const place = await placeOf(name, entry ?? {}, { config, yaml }, files, faults);
    if (place !== undefined) services.push({ name, at, ...place, layer: {}, aliases: [] });
  }
  return { services, leftOut: [], source: posix.basename(yaml.file), warnings: [] };
}

/** Context and Dockerfile; each gives the other where only one is written. */
async function placeOf(
  name: string,
  entry: WrittenService,
  { yaml }: ConfigFile,
  files: Files,
  faults: Faults,
): Promise<{ context: Said<string>; dockerfile: Said<string> } | undefined> {
  const read = (key: "context" | "dockerfile"): Said<string> | undefined => {
    const value = entry[key];
    if (value === undefined) return undefined;
    const at = yaml.place(["services", name, key]);
    const path = pathFromRoot(".", value);
    if (path === undefined) addFault(faults, at, `"${value}" must be a path inside the repository`);
    return { value: path ?? ".", at };
  };
  const context = read("context");
  const dockerfile = read("dockerfile");
  if (context !== undefined) {
    return { context, dockerfile: dockerfile ?? { value: defaultDockerfile(context.value), at: context.at } };
  }
  if (dockerfile === undefined) {
    const why = "other entries of the file have one of them, so the file lists the services";
    addFault(faults, yaml.place(["services", name], "key"), `"${name}" needs a "context" or a "dockerfile"; ${why}`);
    return undefined;
  }
  const text = (await files.readText(dockerfile.value)) ?? "";
  return { context: { value: guessContext(dockerfile.value, text, files), at: dockerfile.at }, dockerfile };
}
