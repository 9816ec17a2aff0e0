import { posix } from "node:path";
import { cleanPattern, type IgnoreMatcher, makeIgnoreMatcher } from "../../dockerfile/matching/ignore.ts";
import type { Host } from "../../host.ts";
import { findDockerfiles } from "../sources/dockerfiles.ts";
import { type Files, pathFromRoot } from "../files.ts";
import { guessContext } from "../sources/guess-context.ts";
import type { SourceServices, FoundService } from "./layer.ts";
import { parseServiceName } from "./names.ts";
import { keepShipped } from "../sources/shipped-services.ts";
import { addFault, type Faults, type PlacedValue, suggestion } from "../written/place.ts";
import type { ConfigFile } from "../written/read-config.ts";
import type { WrittenService } from "../written/written.ts";

/** The Dockerfiles that `ignore` of slipway.yaml matches. */
export function ignoredDockerfiles(written: ConfigFile | undefined): IgnoreMatcher {
  if (written === undefined) return () => false;
  const { config, yaml } = written;
  const lines = typeof config.ignore === "string" ? [config.ignore] : (config.ignore ?? []);
  const patterns = lines.map((line, index) => ({
    pattern: cleanPattern(line),
    line: yaml.place(typeof config.ignore === "string" ? ["ignore"] : ["ignore", index]).line,
  }));
  return makeIgnoreMatcher({ file: yaml.file, patterns });
}

/** The place to look for services. */
export interface ServiceSearch {
  /** Host that runs bake; definitions may read its environment. */
  readonly host: Host;
  readonly files: Files;
  readonly written: ConfigFile | undefined;
  readonly repositoryName: string;
}

/**
 * Finds services: those that slipway.yaml lists, else those of the source that its `from` names, else those of the first source with one.
 */
export async function findServices(search: ServiceSearch, faults: Faults): Promise<SourceServices> {
  const { host, files, written, repositoryName } = search;
  if (written !== undefined && listsServices(written)) return listedServices(written, files, faults);
  const asked = new Set(Object.keys(written?.config.services ?? {}).map((name) => parseServiceName(name) ?? name));
  const find = async (kind: SourceKind, paths: readonly string[] | undefined): Promise<SourceServices> => {
    if (kind === "bake") {
      const { findBake } = await import("../sources/bake.ts");
      return findBake(host, files, { given: paths, targets: bakeTargets(written), asked }, faults);
    }
    if (kind === "compose") {
      const { composeFiles, findCompose } = await import("../sources/compose.ts");
      return findCompose(host, files, paths ?? (await composeFiles(files)), faults);
    }
    if (kind === "skaffold") {
      const { findSkaffold, skaffoldFiles } = await import("../sources/skaffold.ts");
      return findSkaffold(host, files, paths ?? (await skaffoldFiles(files)), faults);
    }
    return findDockerfiles(files, repositoryName, ignoredDockerfiles(written));
  };
  const findShipped = async (kind: SourceKind, paths: readonly string[] | undefined): Promise<SourceServices> => {
    const found = await find(kind, paths);
    return kind === "dockerfiles" ? found : keepShipped(found, { asked, namesAsk: kind === "bake" });
  };
  const sayUnused = (kind: SourceKind, found: SourceServices): SourceServices => {
    if (kind === "bake" || written?.config.bakeTargets === undefined) return found;
    const { file, line = 1 } = written.yaml.place(["bakeTargets"]);
    const warning = `${file}:${line}: "bakeTargets" is not used, since the services come from ${found.source}`;
    return { ...found, warnings: [...found.warnings, warning] };
  };
  const forced = written?.config.from === undefined ? undefined : await readFrom(written, files, faults);
  if (forced !== undefined && written !== undefined) {
    const found = sayUnused(forced.kind, await findShipped(forced.kind, forced.paths));
    return { ...found, services: found.services.map((service) => movePaths(service, written, faults)) };
  }
  const sources: SourceServices[] = [];
  for (const kind of await presentKinds(files)) {
    const found = sayUnused(kind, await findShipped(kind, undefined));
    if (found.services.length > 0 || (found.broken ?? []).length > 0) return insteadOf(sources, found);
    if ((found.unbuildable ?? []).length > 0) return refuseUnbuildable(found, faults);
    sources.push(found);
  }
  return { services: [], leftOut: sources.flatMap(({ leftOut }) => leftOut), source: "Dockerfiles", warnings: [] };
}

/** Refuses a definition whose images all cannot be built. Dockerfiles beside it may be for other images, so they are no substitute. */
function refuseUnbuildable(found: SourceServices, faults: Faults): SourceServices {
  const unbuildable = found.unbuildable ?? [];
  for (const { name, at, because } of unbuildable) {
    const instead = 'to release the Dockerfiles of the repository instead, write "from: dockerfiles" into slipway.yaml';
    addFault(faults, at, `"${name}" cannot be released: ${because}; ${instead}`);
  }
  return { ...found, broken: unbuildable.map(({ name }) => name) };
}

/** Adds warnings of earlier sources that were passed over because all their images are left out. */
function insteadOf(before: readonly SourceServices[], found: SourceServices): SourceServices {
  const passedOver = before
    .filter(({ leftOut }) => leftOut.length > 0)
    .map(({ source, leftOut }) => {
      const what = leftOut.map(({ path, because }) => `${path.replace(`${source}: `, "")}: ${because}`).join("; ");
      return `${source} gives no image to release (${what}), so the services come from ${found.source}; write "from" into slipway.yaml to choose`;
    });
  return {
    ...found,
    leftOut: [...before.flatMap(({ leftOut }) => leftOut), ...found.leftOut],
    warnings: [...before.flatMap(({ warnings }) => warnings), ...passedOver, ...found.warnings],
  };
}

/** `bakeTargets`: groups and targets of a bake file. */
function bakeTargets(written: ConfigFile | undefined): PlacedValue<string>[] {
  const targets = written?.config.bakeTargets ?? [];
  if (written === undefined) return [];
  if (typeof targets === "string") return [{ value: targets, at: written.yaml.place(["bakeTargets"]) }];
  return targets.map((value, index) => ({ value, at: written.yaml.place(["bakeTargets", index]) }));
}

const sourceKinds = ["bake", "compose", "skaffold", "dockerfiles"] as const;
type SourceKind = (typeof sourceKinds)[number];

/** Lists the sources that exist, in order of preference. Readers are only loaded if there is something to read. */
async function presentKinds(files: Files): Promise<SourceKind[]> {
  const isThere = async (names: readonly string[]): Promise<boolean> => {
    for (const name of names) if (await files.isFile(name)) return true;
    return false;
  };
  return [
    ...((await isThere(["docker-bake.hcl", "docker-bake.json"])) ? (["bake"] as const) : []),
    ...((await isThere(["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"]))
      ? (["compose"] as const)
      : []),
    ...((await isThere(["skaffold.yaml", "skaffold.yml"])) ? (["skaffold"] as const) : []),
    "dockerfiles",
  ];
}

/** Reads `from`: a kind of source, or files of one kind. */
async function readFrom(
  { config, yaml }: ConfigFile,
  files: Files,
  faults: Faults,
): Promise<{ kind: SourceKind; paths: readonly string[] | undefined }> {
  const written = typeof config.from === "string" ? [config.from] : (config.from ?? []);
  const named = sourceKinds.find((kind) => kind === written[0]?.toLowerCase());
  if (named !== undefined && written.length === 1) return { kind: named, paths: undefined };
  const kinds = new Set<SourceKind>();
  const paths: string[] = [];
  for (const [index, value] of written.entries()) {
    const at = yaml.place(typeof config.from === "string" ? ["from"] : ["from", index]);
    const path = pathFromRoot(".", value);
    if (path === undefined || !(await files.isFile(path))) {
      const near = suggestion(faults, value, () => [
        ...sourceKinds,
        ...files.tracked.filter((each) => /\.(?:ya?ml|hcl|json)$/.test(each)),
      ]);
      addFault(faults, at, `"${value}" is neither bake, compose, skaffold, dockerfiles nor a file${near}`);
    } else {
      kinds.add(kindOfFile(path));
      paths.push(path);
    }
  }
  if (kinds.size > 1) addFault(faults, yaml.place(["from"]), '"from" names files of different kinds; choose one kind');
  const [kind = "dockerfiles"] = kinds;
  return { kind, paths };
}

function kindOfFile(path: string): SourceKind {
  const name = posix.basename(path).toLowerCase();
  if (/\.(?:hcl|json)$/.test(name)) return "bake";
  if (/^skaffold.*\.ya?ml$/.test(name)) return "skaffold";
  return /\.ya?ml$/.test(name) ? "compose" : "dockerfiles";
}

/** Whether slipway.yaml lists the services: one entry with a context or Dockerfile makes it the list. */
function listsServices({ config }: ConfigFile): boolean {
  if (config.from !== undefined) return false;
  const entries = Object.values(config.services ?? {});
  return entries.some((entry) => entry?.context !== undefined || entry?.dockerfile !== undefined);
}

/** Replaces context and Dockerfile of a found service by those of its entry. */
function movePaths(service: FoundService, written: ConfigFile, faults: Faults): FoundService {
  const name = parseServiceName(service.name);
  const [key, entry] =
    Object.entries(written.config.services ?? {}).find(([each]) => parseServiceName(each) === name) ?? [];
  if (key === undefined || entry === null || entry === undefined) return service;
  const { yaml } = written;
  const context = readPath({ name: key, entry, yaml }, "context", faults);
  const dockerfile = readPath({ name: key, entry, yaml }, "dockerfile", faults);
  return {
    ...service,
    ...(context === undefined ? {} : { context }),
    ...(dockerfile === undefined ? {} : { dockerfile }),
  };
}

/** An entry of `services` in slipway.yaml. */
interface ServiceEntry {
  readonly name: string;
  readonly entry: WrittenService;
  readonly yaml: ConfigFile["yaml"];
}

function readPath(
  { name, entry, yaml }: ServiceEntry,
  key: "context" | "dockerfile",
  faults: Faults,
): PlacedValue<string> | undefined {
  const value = entry[key];
  if (value === undefined) return undefined;
  const at = yaml.place(["services", name, key]);
  const path = pathFromRoot(".", value);
  if (path === undefined) addFault(faults, at, `"${value}" must be a path inside the repository`);
  return path === undefined ? undefined : { value: path, at };
}

async function listedServices({ config, yaml }: ConfigFile, files: Files, faults: Faults): Promise<SourceServices> {
  const services: FoundService[] = [];
  const broken: string[] = [];
  for (const [name, entry] of Object.entries(config.services ?? {})) {
    const at = yaml.place(["services", name], "key");
    const place = await readPlace({ name, entry: entry ?? {}, yaml }, files, faults);
    if (place === undefined) broken.push(name);
    else services.push({ name, at, ...place, layer: {}, aliases: [] });
  }
  return { services, broken, leftOut: [], source: posix.basename(yaml.file), warnings: [] };
}

/** Reads context and Dockerfile; if only one is written, the other follows from it. */
async function readPlace(
  listed: ServiceEntry,
  files: Files,
  faults: Faults,
): Promise<Pick<FoundService, "context" | "dockerfile"> | undefined> {
  const { name, entry, yaml } = listed;
  const context = readPath(listed, "context", faults);
  const dockerfile = readPath(listed, "dockerfile", faults);
  const isRefused =
    (entry.context !== undefined && context === undefined) ||
    (entry.dockerfile !== undefined && dockerfile === undefined);
  if (isRefused) return undefined;
  if (context !== undefined) {
    return { context, dockerfile: dockerfile ?? { value: await dockerfileIn(context.value, files), at: context.at } };
  }
  if (dockerfile === undefined) {
    const why = "other entries of the file have one of them, so the file lists the services";
    addFault(faults, yaml.place(["services", name], "key"), `"${name}" needs a "context" or a "dockerfile"; ${why}`);
    return undefined;
  }
  const text = (await files.readText(dockerfile.value)) ?? "";
  return { context: { value: guessContext(dockerfile.value, text, files), at: dockerfile.at }, dockerfile };
}

/** The path of a context's `Dockerfile`, also in lower case, or of its `Containerfile` if there is only that. */
async function dockerfileIn(context: string, files: Files): Promise<string> {
  const usual = posix.join(context, "Dockerfile");
  const other = posix.join(context, "Containerfile");
  const isUsual = (await files.isFile(usual)) || (await files.isFile(posix.join(context, "dockerfile")));
  return !isUsual && (await files.isFile(other)) ? other : usual;
}
