import { join, resolve } from "node:path";
import { plainHttpAttribute } from "../../buildkit/arguments.ts";
import { imageLabels } from "../../buildkit/labels.ts";
import type { BuildOutput, BuildRequest } from "../../buildkit/request.ts";
import { buildTag } from "../../cache/names.ts";
import { planCacheTiers } from "../../cache/tiers.ts";
import { hasRoomInGha } from "../../cache/upload-limit.ts";
import type { ReadInputs } from "../../inputs/inputs.ts";
import type { StagedContext } from "../../inputs/stage.ts";
import type { CacheEntry } from "../../model/cache-entry.ts";
import { type Platform, platformSlug } from "../../model/platform.ts";
import { parseReference, registryOf } from "../../model/reference.ts";
import type { BuildSecret, Service } from "../../model/service.ts";
import type { BuildContext } from "./build-context.ts";

/** One platform of a service with its staged context. */
export interface StagedPlatform {
  readonly service: Service;
  readonly read: ReadInputs;
  readonly staged: StagedContext;
  /** Creation time for the image's labels, ISO 8601. */
  readonly createdAt: string;
}

/** Makes the build request for one platform of a service from its build definition and its staged context. */
export function makeRequest(context: BuildContext, { service, read, staged, createdAt }: StagedPlatform): BuildRequest {
  const { repository, tokens } = context.workspace;
  const { environment } = context;
  const { platform } = read.definition;
  const [image] = service.images;
  const tiers = planCacheTiers({
    service: service.name,
    platform,
    image,
    event: environment.event,
    available: environment.available,
    setting: context.cache ?? service.cache,
    publishes: environment.publishes,
    builder: environment.builder,
    writesShared: context.writesShared === service.name,
    hasRoomInGha: hasRoomInGha({ service: service.name, platform }, context.builds),
  });
  for (const { tier, direction, because } of tiers.leftOut) {
    const use = { tier, direction, reference: "", state: "left-out", seconds: 0, because } as const;
    context.workspace.emit({ kind: "cache", service: service.name, platform, use });
  }
  const ownLabels = imageLabels({
    service: service.name,
    version: context.version,
    revision: repository.commit,
    source: repository.remote,
    createdAt,
  });
  const secrets = Object.entries(read.sources.secrets).map(([id, from]) => [id, absolute(from, repository.root)]);
  return {
    service: service.name,
    definition: read.definition,
    sources: { ...read.sources, secrets: Object.fromEntries(secrets) },
    folders: staged,
    dockerfileName: service.dockerfile,
    ownLabels,
    cacheFrom: tiers.from.map((entry) => overPlainHttp(entry, context)),
    cacheTo: tiers.to.map((entry) => overPlainHttp(entry, context)),
    output: outputOf(context, service, platform),
    // Images that stay on this machine get no provenance, because nothing reads it.
    provenance: context.destination.kind === "registry" ? "min" : "none",
    scanner: service.sbom === "off" ? undefined : context.attestations.scanner,
    builder: context.builder,
    tokens,
  };
}

/** Chooses where BuildKit writes the image: a temporary tag of this run, a folder if another service starts from the image, or nowhere. */
function outputOf(
  { destination, run, startedFrom, attestations, environment: { plainRegistries } }: BuildContext,
  service: Service,
  platform: Platform,
): BuildOutput {
  switch (destination.kind) {
    case "registry": {
      const { name, prefix } = destination.storeOf(service);
      const tagged = `${name}:${prefix}${buildTag(run, service.name, platform)}`;
      const asArtifacts = service.images.every((image) => attestations.artifactRegistries.has(registryOf(image)));
      const push = { kind: "push", name: tagged, asArtifacts } as const;
      return plainRegistries.has(registryOf(name)) ? { ...push, plainHttp: true } : push;
    }
    case "machine":
      if (!startedFrom.has(service.name)) return { kind: "none" };
      return { kind: "layout", folder: join(destination.folder, `${service.name}-${platformSlug(platform)}`) };
  }
}

/**
 * Adds the plain-HTTP attribute to a cache entry in a registry without TLS, because the builder may not be configured for that registry.
 */
function overPlainHttp(entry: CacheEntry, { environment }: BuildContext): CacheEntry {
  const reference = parseReference(entry.attributes["ref"] ?? "");
  if (reference === undefined || !environment.plainRegistries.has(registryOf(reference.name))) return entry;
  const [name, value] = plainHttpAttribute;
  return { ...entry, attributes: { ...entry.attributes, [name]: value } };
}

/** Resolves a secret's file from the repository's root, so that the path does not depend on the folder where the command runs. */
function absolute(from: BuildSecret["from"], root: string): BuildSecret["from"] {
  return from.kind === "env" ? from : { kind: "file", path: resolve(root, from.path) };
}
