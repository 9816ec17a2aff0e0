import type { BuildReads } from "../dockerfile/syntax/dockerfile.ts";
import type { BuildDefinition, DefinitionSources } from "../model/build-definition.ts";
import { digestOfPin } from "../model/digest.ts";
import type { InputContext } from "../model/inputs.ts";
import { byCodeUnit, byKey } from "../model/order.ts";
import type { Platform } from "../model/platform.ts";
import type { BuildSecret, BuildSettings, Service } from "../model/service.ts";
import type { ResolvedBases } from "./bases.ts";
import type { ContextFiles } from "./request.ts";
import { filesDigest } from "./fingerprint.ts";
import { isProxyArg } from "./uncounted.ts";

/** Everything that was read of a service for one platform. */
export interface DefinitionFacts {
  readonly service: Service;
  readonly platform: Platform;
  readonly buildPlatform: Platform;
  readonly reads: BuildReads;
  readonly bases: ResolvedBases;
  /** Files by context; the build context's first. */
  readonly files: readonly ContextFiles[];
  readonly frontend: FrontendPin | undefined;
  /** Proxies of the Docker client without credentials. */
  readonly clientArgs: Readonly<Record<string, string>>;
}

/** A frontend under its name in the Dockerfile; `pin` is undefined if nothing was looked up. */
export interface FrontendPin {
  readonly reference: string;
  readonly pin: string | undefined;
}

/** Makes the build definition from the facts. */
export function makeDefinition(facts: DefinitionFacts): BuildDefinition {
  const { service, platform, buildPlatform, reads, bases, files, frontend, clientArgs } = facts;
  const [context = { root: ".", files: [] }, ...folders] = files;
  const isDeclared = (name: string): boolean => reads.args[name] !== undefined;
  return {
    platform,
    buildPlatform: reads.usesBuildPlatform ? buildPlatform : null,
    target: service.target ?? null,
    instructions: reads.instructions,
    args: argsOf(service, (name, stamp) => isDeclared(name) && !stamp),
    clientArgs: pick(clientArgs, (name) => isDeclared(name) && service.args[name] === undefined),
    frontend: frontend === undefined ? null : withDigest(frontend),
    bases: bases.inputs,
    context: filesDigest(context),
    contexts: [...bases.contexts, ...folders.map(folderContext)].sort(byKey(({ name }) => name)),
    secrets: distinct(service.secrets.map(({ id }) => id)),
    ssh: distinct(service.ssh.map((given) => splitAgent(given).id)),
    labels: service.labels,
    annotations: service.annotations,
    settings: settingsThatDecide(service.settings),
  };
}

/** Settings without default values. Keeps the order of hosts, because the first of two addresses of one host is used. */
function settingsThatDecide({ network, extraHosts = [], ulimits = [], shmSize }: BuildSettings): BuildSettings {
  return {
    ...(network === undefined || network === "default" ? {} : { network }),
    ...(extraHosts.length === 0 ? {} : { extraHosts }),
    ...(ulimits.length === 0 ? {} : { ulimits }),
    ...(shmSize === undefined ? {} : { shmSize }),
  };
}

/** Makes the sources that the definition's values are passed to BuildKit from. */
export function makeSources({ service, reads, bases, frontend }: DefinitionFacts): DefinitionSources {
  const isDeclared = (name: string): boolean => reads.args[name] !== undefined;
  return {
    stamps: argsOf(service, (name, stamp) => isDeclared(name) && stamp),
    proxies: argsOf(service, (name) => isProxyArg(name) && !isDeclared(name)),
    pins: bases.pins,
    frontend: frontend?.pin,
    secrets: Object.fromEntries(service.secrets.map(({ id, from }): [string, BuildSecret["from"]] => [id, from])),
    ssh: Object.fromEntries(service.ssh.map(splitAgent).map(({ id, paths }) => [id, paths])),
  };
}

/** A named folder as a context of the definition. */
function folderContext(folder: ContextFiles): InputContext {
  return { name: folder.name ?? "", kind: "folder", of: "", digest: filesDigest(folder) };
}

function argsOf(service: Service, takes: (name: string, isStamp: boolean) => boolean): Record<string, string> {
  const taken = Object.entries(service.args).filter(([name, { stamp }]) => takes(name, stamp));
  return Object.fromEntries(taken.map(([name, { value }]) => [name, value]));
}

function pick(values: Readonly<Record<string, string>>, takes: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => takes(name)));
}

function withDigest({ reference, pin }: FrontendPin): string {
  return pin === undefined ? reference : `${reference}@${digestOfPin(pin) ?? pin}`;
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort(byCodeUnit);
}

/** Splits `id` or `id=path,path`. */
function splitAgent(given: string): { readonly id: string; readonly paths: string } {
  const [id = "", ...paths] = given.split("=");
  return { id, paths: paths.join("=") };
}
