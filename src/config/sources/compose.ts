import { posix } from "node:path";
import type { Host } from "../../host.ts";
import type { BuildSecret, BuildSettings, LeftOut, NamedContext } from "../../model/service.ts";
import { type ComposeProject, readComposeProject } from "./compose-files.ts";
import type { ComposeBuild, ComposeService } from "./compose-service.ts";
import { isGitUrl, parseContext } from "../project/contexts.ts";
import { composeBuildKeys, reportKeys } from "./definition-keys.ts";
import { type Files, pathFromRoot } from "../files.ts";
import { readImageReferences } from "../project/image-references.ts";
import { interpolationSteps, type Lookup } from "./interpolate.ts";
import type { ArgLayer, SourceServices, FoundService, Layer, Unbuildable } from "../project/layer.ts";
import { addFault, type Faults, type PlacedValue } from "../written/place.ts";
import { readPlatforms } from "../project/platforms.ts";
import { isCredential } from "./suspicious-args.ts";

const names = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/** The Compose files of the root, as `docker compose` chooses them; an override counts where git tracks it. Empty: none. */
export async function composeFiles(files: Files): Promise<string[]> {
  for (const name of names) {
    if (!(await files.isFile(name))) continue;
    const stem = name.replace(/\.ya?ml$/, "");
    const override = [`${stem}.override.yaml`, `${stem}.override.yml`].find((path) => files.isTracked(path));
    return override === undefined ? [name] : [name, override];
  }
  return [];
}

/** Services of Compose files that have a `build:`. */
export async function findCompose(
  host: Host,
  files: Files,
  paths: readonly string[],
  faults: Faults,
): Promise<SourceServices> {
  const warnings = new Set<string>();
  const project = await readComposeProject(paths, {
    files,
    env: (name) => host.env[name],
    faults,
    warnings,
    steps: interpolationSteps(),
  });
  const projectName = normaliseProjectName(project.name ?? posix.basename(files.root));
  const { chosen, leftOut, unbuildable } = chooseServices(project, host.env["COMPOSE_PROFILES"] ?? "");
  for (const { name, at, because } of unbuildable) {
    warnings.add(`${at.file}:${at.line ?? 1}: "${name}" is left out: ${because}`);
  }
  const broken: string[] = [];
  const services = chosen.flatMap((each) => {
    const { name, build } = each;
    reportKeys(composeBuildKeys, name, build.keys, { faults, warnings });
    const found = makeService(each, project, faults);
    const aliases = [...(found?.aliases ?? []), `${projectName}-${name}`, `${projectName}_${name}`];
    if (found === undefined) broken.push(name);
    return found === undefined ? [] : [{ ...found, aliases }];
  });
  return { services, broken, leftOut, unbuildable, source: paths[0] ?? "compose.yaml", warnings: [...warnings] };
}

/** A service that has a `build:`. */
interface BuiltService {
  readonly name: string;
  readonly service: ComposeService;
  readonly build: ComposeBuild;
}

/**
 * Chooses the services to build. As `docker compose build`, leaves out services of inactive profiles, except those that others start from.
 */
function chooseServices(
  project: ComposeProject,
  profilesOn: string,
): { chosen: BuiltService[]; leftOut: LeftOut[]; unbuildable: Unbuildable[] } {
  const on = new Set(profilesOn.split(",").map((profile) => profile.trim()));
  const built = [...project.services].flatMap(([name, service]): BuiltService[] =>
    service.build === undefined ? [] : [{ name, service, build: service.build }],
  );
  const isOn = ({ profiles = [] }: ComposeService): boolean =>
    profiles.length === 0 || on.has("*") || profiles.some((profile) => on.has(profile));
  const wanted = new Set<string>();
  const want = (name: string): void => {
    if (wanted.has(name)) return;
    wanted.add(name);
    const contexts = project.services.get(name)?.build?.contexts ?? {};
    for (const { value } of Object.values(contexts)) if (value.startsWith("service:")) want(value.slice(8));
  };
  for (const { name, service } of built) if (isOn(service)) want(name);

  const leftOut: LeftOut[] = [];
  const unbuildable: Unbuildable[] = [];
  const chosen = built.filter(({ name, service: { at, profiles = [] }, build }) => {
    const cannot = wanted.has(name) ? whyUnbuildable(build) : undefined;
    if (cannot !== undefined) unbuildable.push({ name, at: build.at, because: cannot });
    const because = wanted.has(name)
      ? cannot
      : `only in the ${profiles.length === 1 ? "profile" : "profiles"} ${profiles.join(", ")}`;
    if (because !== undefined) leftOut.push({ path: `${at.file}: ${name}`, because });
    return because === undefined;
  });
  return { chosen, leftOut, unbuildable };
}

function whyUnbuildable({ inline, context }: ComposeBuild): string | undefined {
  if (inline !== undefined) {
    return "its Dockerfile is written inside the Compose file (dockerfile_inline); put it into a file to release it";
  }
  return context !== undefined && isRemote(context.value)
    ? `it is built from ${JSON.stringify(context.value)}, not from this repository`
    : undefined;
}

function isRemote(context: string): boolean {
  return isGitUrl(context) || /^[a-z]+:\/\//.test(context);
}

function makeService(
  { name, service, build }: BuiltService,
  project: ComposeProject,
  faults: Faults,
): FoundService | undefined {
  const written = build.context ?? { value: ".", at: build.at, folder: "." };
  const context = inside(written.folder, written, faults);
  const dockerfile =
    context === undefined
      ? undefined
      : inside(context.value, build.dockerfile ?? { value: "Dockerfile", at: written.at }, faults);
  if (context === undefined || dockerfile === undefined) return undefined;
  const references = [...(service.image === undefined ? [] : [service.image]), ...(build.tags ?? [])];
  const probes = references.flatMap((each) => each.probes);
  const { layer, aliases } = readImageReferences(references, probes.length === 0 ? undefined : { references, probes });
  return {
    name,
    at: service.at,
    context,
    dockerfile,
    aliases,
    ...(service.image === undefined ? {} : { image: service.image.value }),
    layer: { ...layer, ...buildLayer(service, build, project, faults) },
  };
}

function inside(folder: string, { value, at }: PlacedValue<string>, faults: Faults): PlacedValue<string> | undefined {
  const path = pathFromRoot(folder, value);
  if (path === undefined) addFault(faults, at, `"${value}" lies outside of the repository`);
  return path === undefined ? undefined : { value: path, at };
}

function buildLayer(service: ComposeService, build: ComposeBuild, project: ComposeProject, faults: Faults): Layer {
  const { args, target, labels, ssh } = build;
  const platforms = build.platforms ?? (service.platform === undefined ? [] : [service.platform]);
  const parsed = readPlatforms(platforms, faults);
  return {
    ...(parsed.length === 0 ? {} : { platforms: parsed }),
    ...(args === undefined ? {} : { args: fromEnvironment(args, project.env) }),
    ...(target === undefined || target === "" ? {} : { target }),
    ...(labels === undefined ? {} : { labels }),
    ...(ssh === undefined ? {} : { ssh }),
    contexts: readContexts(build, faults),
    secrets: readSecrets(build, project, faults),
    settings: readSettings(build, faults),
  };
}

/** Args without a value get the variable of that name, of the environment or else of `.env`. */
function fromEnvironment(args: Readonly<Record<string, ArgLayer>>, env: Lookup): Record<string, ArgLayer> {
  const resolved = Object.entries(args).map(([name, arg]): [string, ArgLayer] => {
    const value = arg.value === null ? env(name) : undefined;
    if (arg.value !== null || value === undefined) return [name, arg];
    return [name, { ...arg, value, ...(isCredential(name, value) ? { variable: name } : {}) }];
  });
  return Object.fromEntries(resolved);
}

function readContexts(build: ComposeBuild, faults: Faults): Record<string, PlacedValue<NamedContext>> {
  const contexts: Record<string, PlacedValue<NamedContext>> = {};
  for (const [name, { value, at, folder }] of Object.entries(build.contexts ?? {})) {
    const context = parseContext(value, folder);
    if ("fault" in context) addFault(faults, at, context.fault);
    else contexts[name] = { value: context, at };
  }
  return contexts;
}

function readSecrets(build: ComposeBuild, { secrets }: ComposeProject, faults: Faults): BuildSecret[] {
  const used = (build.secrets ?? []).flatMap(({ id, source, at }) => {
    const from = secrets.get(source);
    if (from === undefined) addFault(faults, at, `there is no secret "${source}" in the Compose file`);
    if (from === "external")
      addFault(faults, at, `the secret "${source}" is external; give it a file or an environment variable`);
    return from === undefined || from === "external" ? [] : [{ id, from }];
  });
  // A file may list a name again that the file below it lists.
  return [...new Map(used.map((secret) => [secret.id, secret])).values()];
}

function readSettings({ network, shmSize, ulimits, extraHosts }: ComposeBuild, faults: Faults): BuildSettings {
  const mode = network?.value;
  const known = mode === "default" || mode === "none" || mode === "host" ? mode : undefined;
  if (network !== undefined && known === undefined) {
    addFault(faults, network.at, `a build cannot use the network "${network.value}"; write default, none or host`);
  }
  return {
    ...(known === undefined || known === "default" ? {} : { network: known }),
    ...(shmSize === undefined ? {} : { shmSize }),
    ...(ulimits === undefined ? {} : { ulimits }),
    ...(extraHosts === undefined ? {} : { extraHosts }),
  };
}

/** Normalizes a project's name as Compose does: lower case, letters, digits, `-` and `_`. */
function normaliseProjectName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
}
