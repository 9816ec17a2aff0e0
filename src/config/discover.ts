import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, posix, resolve } from "node:path";
import { configurationError, renderDiagnostic, SlipwayError } from "../errors.ts";
import { parseRemote } from "../formats/address.ts";
import type { Host } from "../host.ts";
import { byCodeUnit, byKey } from "../model/order.ts";
import type { Project } from "../model/service.ts";
import { parseVersionSource } from "../model/version-source.ts";
import { assembleServices } from "./project/assemble.ts";
import { knownService } from "./project/known-service.ts";
import { definitionHost } from "./sources/definition-env.ts";
import { unusedDockerfiles } from "./sources/dockerfiles.ts";
import { type Files, insideRoot, makeFiles, type RepositoryFiles, resolveAllowed } from "./files.ts";
import { findServices, ignoredDockerfiles } from "./project/find-services.ts";
import { makeGroups } from "./project/groups.ts";
import type { SourceServices, Layer } from "./project/layer.ts";
import { defaultImageTemplate, parseServiceName } from "./project/names.ts";
import { addFault, type Faults, type Findings } from "./written/place.ts";
import type { ConfigFile } from "./written/read-config.ts";
import { assignPreviews } from "./project/previews.ts";
import { readSigning } from "./project/signing.ts";
import { chooseReleases } from "./project/releases-name.ts";
import { noRights, readRights } from "./sources/rights.ts";

export interface DiscoverOptions {
  /** The repository's root, absolute. */
  readonly root: string;
  /** The configuration file, absolute or relative to the root; absent: `slipway.yaml` or `slipway.yml` at the root. */
  readonly configFile?: string;
  readonly files: RepositoryFiles;
  /** Configuration that counts in an untrusted run; undefined: the run is trusted. */
  readonly untrusted?: UntrustedReading | undefined;
}

/** The configuration that counts in an untrusted run. */
export interface UntrustedReading {
  /** Reason, such as "a pull request". */
  readonly because: string;
  /** Trunk's slipway.yaml; undefined: trunk has none, so the repository's own is read and grants nothing. */
  readonly config: { readonly file: string; readonly text: string } | undefined;
}

/** Finds the services of a repository. Throws one `configuration` error with the faults of all files. */
export async function discover(host: Host, options: DiscoverOptions): Promise<Project> {
  const { root } = options;
  const findings: Findings = { faults: [], warnings: [] };
  const { faults, warnings } = findings;
  const { untrusted } = options;
  const plain = makeFiles(root, options.files, { faults, allowed: [] });
  const written = await readWritten(plain, options, findings);
  const rights =
    untrusted === undefined || untrusted.config !== undefined ? readRights(written, untrusted === undefined) : noRights;
  const allowed = await resolveAllowed(root, rights.files, host.env["HOME"]);
  const files = makeFiles(root, options.files, { faults, allowed });
  const around = definitionHost(host, rights.env);
  const remote = options.files.remote === undefined ? undefined : parseRemote(options.files.remote);
  const repositoryName = parseServiceName(remote?.repository ?? posix.basename(options.root)) ?? "repository";

  const found = await findServices({ host: around, files, written, repositoryName }, faults);
  if (found.services.length === 0 && faults.length === 0) throw nothingFound(found);
  const namesFound = [...found.services.map(({ name }) => name), ...(found.broken ?? [])];
  const names = new Set(namesFound.map((name) => parseServiceName(name) ?? name));
  const defaultImage = defaultImageTemplate(remote);
  const { groups, groupOf } = makeGroups(names, written, faults);
  const layers = await readLayers(written, names, faults);
  const services = await assembleServices(
    found.services,
    {
      names,
      env: around.env,
      files,
      ...layers,
      rights,
      defaultImage,
      repositoryName,
      remote: options.files.remote,
      groupOf,
    },
    findings,
  );
  const used = new Set(services.map(({ dockerfile }) => dockerfile));
  const ignore = ignoredDockerfiles(written);
  const unused = unusedDockerfiles(files, ignore, used, `no service in ${found.source} uses it`);
  const areDefaults = [layers.shared, ...layers.own.values(), ...found.services.map(({ layer }) => layer)].every(
    ({ images }) => images === undefined,
  );
  const hadFaults = faults.length > 0;
  const releases = hadFaults
    ? undefined
    : chooseReleases(services, { written, repositoryName, defaultImage, areDefaults }, faults);
  const withPreviews = assignPreviews(services, written, releases, faults);
  if (faults.length > 0 || releases === undefined) throw allFaults(faults);
  return {
    services: withPreviews,
    leftOut: mergeLeftOut([...found.leftOut, ...unused]),
    groups,
    releases,
    signing: readSigning(written?.config),
    version: parseVersionSource(written?.config.version ?? ""),
    source: found.source,
    hosts: rights.hosts,
    warnings: [...found.warnings, ...warnings],
  };
}

/** Names of the configuration file at the root, in order of preference. */
export const configNames = ["slipway.yaml", "slipway.yml"];

/** Reads trunk's slipway.yaml in an untrusted run, with a warning when the checked-out one differs; otherwise the checked-out one. */
async function readWritten(
  files: Files,
  options: DiscoverOptions,
  { faults, warnings }: Findings,
): Promise<ConfigFile | undefined> {
  const { untrusted } = options;
  if (untrusted?.config === undefined) return readConfigFile(files, options, faults);
  const { file, text } = untrusted.config;
  const own = await Promise.all(configNames.map((name) => files.readText(name)));
  if (own.find((each) => each !== undefined) !== text) {
    warnings.push(
      `${untrusted.because}: ${file} is used; the slipway.yaml that is checked out differs, and is used once it is in trunk`,
    );
  }
  const { readConfig } = await import("./written/read-config.ts");
  return readConfig(file, text, faults);
}

/** Loads the configuration reader ahead of time, while git runs, if this folder has a configuration. */
export async function loadReaders(folder: string, configFile: string | undefined): Promise<void> {
  const isThere = configFile !== undefined || configNames.some((name) => existsSync(join(folder, name)));
  if (isThere) await Promise.all([import("./written/read-config.ts"), import("./written/written-layer.ts")]);
}

/** Reads the configuration file. The schema library loads slowly, so it is imported only if there is a file. */
async function readConfigFile(
  files: Files,
  { configFile: given, files: repository }: DiscoverOptions,
  faults: Faults,
): Promise<ConfigFile | undefined> {
  for (const name of given === undefined ? configNames : [insideRoot(files.root, given)]) {
    // A file that the user names may be outside of the repository.
    const text = given === undefined ? await files.readText(name) : await readNamed(files.root, name, repository);
    if (text === undefined) continue;
    const { readConfig } = await import("./written/read-config.ts");
    return readConfig(name, text, faults);
  }
  if (given === undefined) return undefined;
  throw new SlipwayError("definition-not-found", `reading the configuration: "${given}" is not there`);
}

async function readNamed(root: string, path: string, repository: RepositoryFiles): Promise<string | undefined> {
  const bytes = (await repository.read(path)) ?? (await readFile(resolve(root, path)).catch(() => undefined));
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

async function readLayers(
  written: ConfigFile | undefined,
  names: ReadonlySet<string>,
  faults: Faults,
): Promise<{ shared: Layer; own: Map<string, Layer> }> {
  const own = new Map<string, Layer>();
  if (written === undefined) return { shared: {}, own };
  const { config, yaml } = written;
  const { writtenLayer } = await import("./written/written-layer.ts");
  for (const [key, settings] of Object.entries(config.services ?? {})) {
    const at = yaml.place(["services", key], "key");
    const name = knownService(key, at, names, faults);
    if (name === undefined) continue;
    if (own.has(name)) {
      addFault(faults, at, `a second entry for the service "${name}"`);
    } else if (settings !== null) {
      own.set(name, writtenLayer(settings, yaml, ["services", key], faults));
    } else own.set(name, {});
  }
  return { shared: writtenLayer(config, yaml, [], faults), own };
}

function nothingFound({ leftOut, source }: SourceServices): SlipwayError {
  const also = leftOut.length === 0 ? "" : ` (${leftOut.length} left out as not for release)`;
  const what = source === "Dockerfiles" ? "there is no Dockerfile to ship" : `${source} builds no image`;
  return new SlipwayError("no-services", `looking for services: ${what}${also}`, {
    hint: "list the services in slipway.yaml, for example:\n\nservices:\n  api:\n    context: services/api\n",
  });
}

/** Makes one error of all faults: each once, by file and place. */
function allFaults(faults: Faults): SlipwayError {
  const unique = new Map(faults.map((fault) => [renderDiagnostic(fault), fault]));
  const sorted = [...unique.values()].sort(
    (left, right) =>
      byCodeUnit(left.file, right.file) ||
      (left.line ?? 0) - (right.line ?? 0) ||
      (left.column ?? 0) - (right.column ?? 0),
  );
  return configurationError(sorted);
}

function mergeLeftOut(all: Project["leftOut"]): Project["leftOut"] {
  return [...new Map(all.toReversed().map((each) => [each.path, each])).values()].sort(byKey(({ path }) => path));
}
