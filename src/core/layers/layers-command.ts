import { type ImageReader, makeImageReader } from "./read-image.ts";
import { type Earlier, makeGrowth, layerOrigin } from "./image-growth.ts";
import { readAll } from "./release-growth.ts";
import { readImageFiles } from "./read-files.ts";
import { findShipped, findShippedBefore, type Shipped } from "./shipped.ts";
import { imageSize } from "../../images/service-index.ts";
import { parsedDockerfile } from "../../inputs/parsed.ts";
import { findPlaces } from "../../layers/find-places.ts";
import { imagesOver, type LayerLimits } from "../../layers/limits.ts";
import type { Digest } from "../../model/digest.ts";
import type { ImageLayers, LayersDocument, PlacedLayer } from "../../model/layers-document.ts";
import type { Platform } from "../../model/platform.ts";
import { byCodeUnit } from "../../model/order.ts";
import type { ReleasedPlatform } from "../../model/release.ts";
import type { Service } from "../../model/service.ts";
import { checkNames } from "../planning/plan.ts";
import { makeReleaseHistory } from "../planning/release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** The images to look into, and what they may weigh. */
export interface LayersRequest extends LayerLimits {
  /** Names of services; empty: all. */
  readonly services: readonly string[];
  /** Release that ships the images; undefined: each service's last one. */
  readonly release: string | undefined;
  /** Release to compare with; undefined: the one before. */
  readonly since: string | undefined;
  readonly group: string | undefined;
  /** Whether to read the layers themselves. */
  readonly files: boolean;
}

/** Reads where the bytes of released images are, by their manifests and configs; with `files`, by what is in their layers, too. */
export async function readLayers(workspace: Workspace, request: LayersRequest): Promise<LayersDocument> {
  const { project, registry } = workspace;
  checkNames(project.services, request.services);
  const history = makeReleaseHistory(workspace);
  const reader = makeImageReader(registry, project.services);
  const isWanted = ({ name }: Service): boolean => request.services.length === 0 || request.services.includes(name);
  const shipped = await findShipped(workspace, history, request);
  const users = await readUsers(reader, [...shipped.values()]);
  const notes: string[] = [];
  const images: ImageLayers[] = [];
  for (const service of project.services.filter(isWanted)) {
    const found = shipped.get(service.name);
    if (found === undefined) {
      notes.push(`${service.name} is in no release${request.release === undefined ? "" : ` ${request.release}`}`);
      continue;
    }
    const before = await findShippedBefore(workspace, history, found, request);
    if (before === undefined && request.maxGrowth !== undefined) {
      notes.push(`the growth of ${service.name} is not judged: there is no release to compare with`);
    }
    const look = { workspace, reader, users, service, found, before, files: request.files };
    for (const platform of found.released.platforms) images.push(await readOne(look, platform));
  }
  return { version: 1, images, over: imagesOver(images, request), notes };
}

/** One service to look into. */
interface Look {
  readonly workspace: Workspace;
  readonly reader: ImageReader;
  /** Services by the layers that their images have. */
  readonly users: ReadonlyMap<Digest, ReadonlySet<string>>;
  readonly service: Service;
  readonly found: Shipped;
  readonly before: Shipped | undefined;
  readonly files: boolean;
}

async function readOne(look: Look, { platform, digest, fingerprint }: ReleasedPlatform): Promise<ImageLayers> {
  const { workspace, reader, users, service, found } = look;
  const [name] = found.released.images;
  const [image, earlier] = await Promise.all([reader.read({ name, digest, fingerprint }), readEarlier(look, platform)]);
  const places = await findPlacesOf(look, image.layers.slice(image.base.kind === "image" ? image.base.layers : 0));
  const had = new Set(earlier?.image.layers.map((layer) => layer.digest));
  const layers = image.layers.map((layer, at): PlacedLayer => {
    const origin = layerOrigin(image, at);
    return {
      digest: layer.digest,
      mediaType: layer.mediaType,
      size: layer.size,
      instruction: layer.instruction,
      origin,
      sharedWith: [...(users.get(layer.digest) ?? [])].filter((user) => user !== service.name).sort(byCodeUnit),
      place: origin === "base" ? null : (places[at - image.layers.length + places.length] ?? null),
      isNew: earlier === undefined ? null : !had.has(layer.digest),
    };
  });
  return {
    service: service.name,
    platform,
    release: found.release,
    image: `${name}@${digest}`,
    size: imageSize(image.manifest),
    base: image.base,
    layers,
    growth: earlier === undefined ? null : makeGrowth(image, earlier),
    files: look.files ? await readImageFiles(workspace.registry, name, layers) : null,
  };
}

/** Reads the same image of the release to compare with, and which blobs a node with that whole release has. */
async function readEarlier({ reader, before }: Look, platform: Platform): Promise<Earlier | undefined> {
  const old = before?.released.platforms.find((each) => each.platform === platform);
  if (before === undefined || old === undefined) return undefined;
  const image = await reader.read({ ...old, name: before.released.images[0] });
  return { since: before.release, image, all: await readAll(reader, before.manifest, platform) };
}

/** The lines of the checked-out Dockerfile; none where it cannot be read. */
async function findPlacesOf(
  { workspace, service }: Look,
  layers: readonly { readonly instruction: string | null }[],
): Promise<(string | null)[]> {
  const parsed = await parsedDockerfile(workspace.tree, service).catch(() => undefined);
  if (parsed === undefined) return layers.map(() => null);
  const instructions = layers.map(({ instruction }) => instruction);
  const lines = findPlaces(instructions, parsed.dockerfile, service.target);
  return lines.map((line) => (line === null ? null : `${service.dockerfile}:${line}`));
}

/** Reads which services have which layers. An image that is gone has none; the command reports it when it reads that image. */
async function readUsers(
  reader: ImageReader,
  shipped: readonly Shipped[],
): Promise<ReadonlyMap<Digest, ReadonlySet<string>>> {
  const users = new Map<Digest, Set<string>>();
  const images = shipped.flatMap(
    ({
      released: {
        service,
        images: [name],
        platforms,
      },
    }) => platforms.map(({ digest }) => ({ service, name, digest })),
  );
  const read = await Promise.all(
    images.map(async ({ service, ...image }) => ({ service, manifest: await reader.manifest(image) })),
  );
  for (const { service, manifest } of read) {
    for (const { digest } of manifest.layers) users.set(digest, (users.get(digest) ?? new Set()).add(service));
  }
  return users;
}
