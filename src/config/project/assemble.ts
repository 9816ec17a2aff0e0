import { byCodeUnit, byKey } from "../../model/order.ts";
import { parsePlatform, type Platform } from "../../model/platform.ts";
import { parseImageName } from "../../model/reference.ts";
import type { BuildSecret, NamedContext, Service } from "../../model/service.ts";
import { checkEntitlements, checkSecretVariable } from "../sources/entitlements.ts";
import { checkEnvironment } from "./check-environment.ts";
import { deriveNeeds, findCycle } from "./derive-needs.ts";
import type { Files } from "../files.ts";
import { type FoundService, type Layer, mergeLayers } from "./layer.ts";
import { existingDockerfile, readDockerfile } from "./existing-dockerfile.ts";
import {
  type ImageOwners,
  refuseSharedTags,
  resolveImages,
  resolveTags,
  type UnmadeService,
  servicesByImage,
  sharedImages,
} from "./image-names.ts";
import { fillTexts } from "./fill-texts.ts";
import { knownService } from "./known-service.ts";
import { longestServiceName, parseServiceName } from "./names.ts";
import { addFault, type Faults, type Findings, type PlacedValue } from "../written/place.ts";
import { plainValues, resolveArgs } from "./resolve-args.ts";
import type { Rights } from "../sources/rights.ts";

/** Facts that services are made from, beside the definitions. */
export interface Surroundings {
  /** Every service's name. */
  readonly names: ReadonlySet<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
  readonly rights: Rights;
  /** Settings for all services. */
  readonly shared: Layer;
  /** Settings of one service, by its name. */
  readonly own: ReadonlyMap<string, Layer>;
  readonly defaultImage: string | undefined;
  readonly repositoryName: string;
  readonly remote: string | undefined;
  /** The release group of a service. */
  readonly groupOf: (service: string) => string;
}

const defaultRefreshSeconds = 30 * 86_400;

/** Makes the services of a project from definitions, slipway.yaml and defaults; sorted by name. */
export async function assembleServices(
  found: readonly FoundService[],
  around: Surroundings,
  findings: Findings,
): Promise<Service[]> {
  const { faults } = findings;
  const named = nameServices(found, faults);
  const drafts = named.map(({ name, found: each }) => {
    const draft = { name, found: each, layer: mergeLayers(each.layer, around.shared, around.own.get(name) ?? {}) };
    return { ...draft, images: resolveImages(draft, { ...around, isOnly: named.length === 1 }, faults) };
  });
  for (const { name, found: each } of drafts) {
    const over = mergeLayers(around.shared, around.own.get(name) ?? {});
    const layer = around.rights.trusts ? withoutReplaced(each.layer, over) : mergeLayers(each.layer, over);
    // Secrets of slipway.yaml are checked where they are written.
    if (over.secrets === undefined) {
      for (const secret of each.layer.secrets ?? []) checkSecretVariable(secret, each.at, faults);
    }
    await checkEntitlements({ service: name, at: each.at, layer }, around.rights, around.files, faults);
  }
  const images = { owners: servicesByImage(drafts), shared: sharedImages(drafts) };
  const services = await Promise.all(drafts.map((draft) => makeService(draft, images, around, findings)));
  refuseCycle(services, drafts, faults);
  refuseSharedTags(services, drafts, faults);
  return services.sort(byKey((service) => service.name));
}

/** The requests of a definition that slipway.yaml does not replace. */
function withoutReplaced({ secrets, ssh, settings }: Layer, over: Layer): Pick<Layer, "secrets" | "ssh" | "settings"> {
  return {
    ...(over.secrets !== undefined || secrets === undefined ? {} : { secrets }),
    ...(over.ssh !== undefined || ssh === undefined ? {} : { ssh }),
    ...(over.settings?.network !== undefined || settings === undefined ? {} : { settings }),
  };
}

function nameServices(found: readonly FoundService[], faults: Faults): { name: string; found: FoundService }[] {
  const taken = new Map<string, FoundService>();
  for (const each of found) {
    const name = parseServiceName(each.name);
    const other = name === undefined ? undefined : taken.get(name);
    if (name === undefined) {
      addFault(faults, each.at, `${JSON.stringify(each.name)} gives no name for a service; use letters and digits`);
    } else if (name.length > longestServiceName) {
      const begins = `"${name.slice(0, 20)}…" is a name of ${name.length} letters`;
      addFault(
        faults,
        each.at,
        `${begins}; a service's name has at most ${longestServiceName}, since it is part of tags`,
      );
    } else if (other !== undefined) {
      const where = `${other.at.file}${other.at.line === undefined ? "" : `:${other.at.line}`}`;
      addFault(faults, each.at, `a second service is called "${name}"; the first is in ${where}`);
    } else taken.set(name, each);
  }
  return [...taken].map(([name, each]) => ({ name, found: each }));
}

async function makeService(
  draft: UnmadeService,
  images: ImageOwners,
  around: Surroundings,
  findings: Findings,
): Promise<Service> {
  const { faults, warnings } = findings;
  const { name, found, layer } = draft;
  const { context } = found;
  const dockerfile = await existingDockerfile(found.dockerfile.value, around.files);
  const args = resolveArgs(name, layer.args ?? {}, around.env, findings);
  const contexts = await resolveContexts(layer.contexts ?? {}, around.names, around.files, faults);
  const text = await readDockerfile(
    { context, dockerfile: { ...found.dockerfile, value: dockerfile } },
    around.files,
    faults,
  );
  checkEnvironment({ service: name, file: dockerfile, text, args: layer.args ?? {} }, faults);
  const derived = deriveNeeds({ text, args: plainValues(args), target: layer.target }, images.owners);
  for (const [reference, service] of derived) {
    if (service !== name && contexts[reference] === undefined) contexts[reference] = { kind: "service", service };
  }
  const fromContexts = Object.values(contexts).flatMap((each) => (each.kind === "service" ? [each.service] : []));
  const facts = { service: name, group: around.groupOf(name), source: around.remote };
  const needs = [...resolveNeeds(name, layer.needs ?? [], around.names, faults), ...fromContexts];
  return {
    name,
    context: context.value,
    dockerfile,
    target: layer.target,
    args,
    images: firstAndRest(draft.images, parseImageName("localhost/unknown")),
    needs: [...new Set(needs)].sort(byCodeUnit),
    platforms: firstAndRest<Platform>(layer.platforms ?? [], parsePlatform("linux/amd64")),
    contexts,
    secrets: givenSecrets(name, layer.secrets ?? [], around.rights, warnings),
    ssh: layer.ssh ?? [],
    labels: fillTexts("labels", layer.labels ?? {}, facts, warnings),
    annotations: fillTexts("annotations", layer.annotations ?? {}, facts, warnings),
    settings: layer.settings ?? {},
    generated: layer.generated ?? [],
    bases: layer.bases ?? "follow",
    refreshSeconds: layer.refreshSeconds === undefined ? defaultRefreshSeconds : (layer.refreshSeconds ?? undefined),
    cache: layer.cache ?? "auto",
    sbom: layer.sbom ?? "auto",
    ...resolveTags(draft, images.shared),
    group: around.groupOf(name),
  };
}

/** Leaves out secrets from variables that an untrusted run may not use: builds go without them, as on GitHub in a fork. */
function givenSecrets(
  service: string,
  secrets: readonly BuildSecret[],
  { secretEnv }: Rights,
  warnings: string[],
): readonly BuildSecret[] {
  return secrets.filter(({ id, from }) => {
    if (from.kind === "file" || secretEnv === undefined || secretEnv.has(from.name)) return true;
    warnings.push(
      `${service}: the secret "${id}" is left out, since trunk's slipway.yaml does not name ${from.name}: allow: { env: [${from.name}] }`,
    );
    return false;
  });
}

/** Makes a list that is never empty. The fallback of a service without images is never used, since that is a fault. */
function firstAndRest<T>(list: readonly T[], fallback: T | undefined): readonly [T, ...T[]] {
  const [first = fallback, ...rest] = list;
  if (first === undefined) throw new TypeError("a default that does not parse");
  return [first, ...rest];
}

async function resolveContexts(
  written: Readonly<Record<string, PlacedValue<NamedContext>>>,
  names: ReadonlySet<string>,
  files: Files,
  faults: Faults,
): Promise<Record<string, NamedContext>> {
  const contexts: Record<string, NamedContext> = {};
  for (const [name, { value, at }] of Object.entries(written)) {
    if (value.kind === "service") {
      const service = knownService(value.service, at, names, faults);
      if (service !== undefined) contexts[name] = { kind: "service", service };
      continue;
    }
    if (value.kind === "folder" && !(await files.isFolder(value.path))) {
      addFault(faults, at, `the folder "${value.path}" of the context "${name}" is not there`);
    }
    contexts[name] = value;
  }
  return contexts;
}

/** Resolves `needs`. A list for all services may name the service itself, which is ignored. */
function resolveNeeds(
  service: string,
  written: readonly PlacedValue<string>[],
  names: ReadonlySet<string>,
  faults: Faults,
) {
  const needs = written.map(({ value, at }) => knownService(value, at, names, faults));
  return needs.filter((need) => need !== undefined && need !== service).filter((need) => need !== undefined);
}

function refuseCycle(services: readonly Service[], drafts: readonly UnmadeService[], faults: Faults): void {
  const cycle = findCycle(new Map(services.map(({ name, needs }) => [name, needs])));
  const at = drafts.find(({ name }) => name === cycle?.[0])?.found.at;
  if (cycle === undefined || at === undefined) return;
  addFault(faults, at, `services need each other in a circle: ${cycle.join(" -> ")}`);
}
