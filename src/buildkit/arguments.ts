import type { CacheEntry } from "../model/cache-entry.ts";
import { byCodeUnit } from "../model/order.ts";
import type { BuildSecret, BuildSettings } from "../model/service.ts";
import { type Flag, flagged, joined } from "./flag-accounts.ts";
import type { BuildOutput, BuildRequest } from "./request.ts";

const noCache: Flag = "--no-cache";

/** Build arg that names a frontend. Source: BuildKit, frontend/dockerui, `keySyntaxArg`. */
const frontendArg = "BUILDKIT_SYNTAX";

/**
 * Makes the arguments of buildx for one solve. `store=false` and `unpack=false` let a push go from the build cache straight to the
 * registry; without them the engine would fetch and unpack every cached layer only to push a tag.
 */
export function buildArguments(request: BuildRequest, files: { readonly metadata: string }): readonly string[] {
  const { definition, sources, folders, ownLabels } = request;
  return [
    "build",
    ...optional("--builder", request.builder),
    joined("--progress", "rawjson"),
    ...flagged("--metadata-file", files.metadata),
    ...flagged("--platform", definition.platform),
    ...flagged("--file", folders.dockerfile),
    ...optional("--target", definition.target ?? undefined),
    ...pairs("--build-arg", argsOf(request)),
    ...pairs("--build-context", { ...folders.namedFolders, ...sources.pins }),
    ...flagged("--secret", ...definition.secrets.map((id) => renderSecret(id, sources.secrets[id]))),
    ...flagged("--ssh", ...definition.ssh.map((id) => renderAgent(id, sources.ssh[id]))),
    ...pairs("--label", { ...ownLabels, ...definition.labels }),
    ...pairs("--annotation", prefixed("manifest:", definition.annotations)),
    ...settingArguments(definition.settings),
    ...(request.ignoresCaches === true ? [noCache] : []),
    ...flagged("--cache-from", ...request.cacheFrom.map(renderCacheEntry)),
    ...flagged("--cache-to", ...request.cacheTo.map(renderCacheEntry)),
    joined("--provenance", request.provenance === "none" ? "false" : `mode=${request.provenance}`),
    joined("--sbom", request.scanner === undefined ? "false" : `generator=${request.scanner}`),
    ...flagged("--output", renderOutput(request.output)),
    folders.contextFolder,
  ];
}

/** All build args of a request. A frontend that an arg names is replaced by its digest. */
function argsOf({ definition: { args }, sources }: BuildRequest): Record<string, string> {
  const { stamps, proxies, frontend } = sources;
  const pinned = frontend === undefined || args[frontendArg] === undefined ? {} : { [frontendArg]: frontend };
  return { ...proxies, ...stamps, ...args, ...pinned };
}

/** Renders an entry for `--cache-from` or `--cache-to`, such as `type=registry,ref=…,mode=max`. */
export function renderCacheEntry(entry: CacheEntry): string {
  const { type = entry.tier, ...others } = entry.attributes;
  return csv([["type", type], ...Object.entries(others)]);
}

function renderOutput(output: BuildOutput): string {
  switch (output.kind) {
    case "push":
      return csv([
        ["type", "image"],
        ["name", output.name],
        ["push", "true"],
        ["store", "false"],
        ["unpack", "false"],
        ["oci-mediatypes", "true"],
        ["oci-artifact", String(output.asArtifacts === true)],
        ...(output.plainHttp === true ? [plainHttpAttribute] : []),
      ]);
    case "layout":
      return csv([
        ["type", "oci"],
        ["dest", output.folder],
        ["tar", "false"],
      ]);
    case "none":
      return "type=cacheonly";
  }
}

/**
 * Attribute of BuildKit's image exporter and registry caches that allows plain HTTP. Source: BuildKit, exporter/containerimage,
 * cache/remotecache/registry.
 */
export const plainHttpAttribute = ["registry.insecure", "true"] as const;

function renderSecret(id: string, from: BuildSecret["from"] | undefined): string {
  if (from === undefined) throw new RangeError(`the secret "${id}" has no source`);
  return csv([["id", id], from.kind === "file" ? ["src", from.path] : ["env", from.name]]);
}

function renderAgent(id: string, paths = ""): string {
  return paths === "" ? id : `${id}=${paths}`;
}

function settingArguments(settings: BuildSettings): string[] {
  const { network, extraHosts = [], ulimits = [], shmSize } = settings;
  return [
    ...optional("--network", network),
    // BuildKit gives a build the host's network only with this entitlement.
    ...optional("--allow", network === "host" ? "network.host" : undefined),
    ...flagged("--add-host", ...extraHosts),
    ...flagged("--ulimit", ...ulimits),
    ...optional("--shm-size", shmSize),
  ];
}

function optional(flag: Flag, value: string | undefined): string[] {
  return value === undefined ? [] : flagged(flag, value);
}

function pairs(flag: Flag, values: Readonly<Record<string, string>>): string[] {
  const names = Object.keys(values).toSorted(byCodeUnit);
  return flagged(flag, ...names.map((name) => `${name}=${values[name] ?? ""}`));
}

function prefixed(prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
}

/** Renders fields as one CSV line, with a field quoted if it holds a comma or a quote. buildx reads these flags with Go's encoding/csv. */
function csv(fields: readonly (readonly [name: string, value: string])[]): string {
  return fields
    .map(([name, value]) => `${name}=${value}`)
    .map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(",");
}
