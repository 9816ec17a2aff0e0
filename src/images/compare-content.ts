import type { Descriptor } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import { renderBytes } from "../model/units.ts";
import type { Registry } from "../registry/registry.ts";
import { configDifferences, type ContentDifference, differingLayers, differingPaths } from "./content-differences.ts";
import { readLayerFiles } from "./layer-files.ts";
import { unpack } from "./pack.ts";
import type { ImageContent } from "./same-content.ts";

/** An image's content, and the image name to read its layers from. */
export type NamedContent = readonly [name: ImageName, content: ImageContent];

/**
 * Compares two images file by file, times aside. A layer that cannot be read counts as a difference: one that is too large, or compressed
 * by another format than gzip.
 */
export async function compareContent(
  registry: Registry,
  ours: NamedContent,
  theirs: NamedContent,
): Promise<ContentDifference[]> {
  const [, mine] = ours;
  const [, other] = theirs;
  const config = configDifferences(mine.config, other.config);
  const layers = differingLayers(mine, other);
  if (layers === undefined) {
    const [here, there] = [mine.config.rootfs.diff_ids.length, other.config.rootfs.diff_ids.length];
    return [...config, { what: "layer", name: "number of layers", detail: `${there} there, ${here} here` }];
  }
  const found: ContentDifference[] = [];
  // One after another, because unpacked layers may be large.
  for (const { instruction, at } of layers) {
    const detail = await compareLayer(registry, ours, theirs, at);
    if (detail !== undefined) found.push({ what: "layer", name: instruction, detail });
  }
  return [...config, ...found];
}

/** How a layer differs; undefined: it does not. */
async function compareLayer(
  registry: Registry,
  ours: NamedContent,
  theirs: NamedContent,
  at: number,
): Promise<string | undefined> {
  const left = await readLayer(registry, ours, at);
  if (typeof left === "string") return left;
  const right = await readLayer(registry, theirs, at);
  if (typeof right === "string") return right;
  const paths = differingPaths(left, right);
  return paths.length === 0 ? undefined : listPaths(paths);
}

/** Largest compressed and unpacked layer, in bytes, that is unpacked to compare files. */
const largestLayer = 64 * 1024 * 1024;
const largestUnpacked = 512 * 1024 * 1024;

/** Digests of a layer's files; a string: why they cannot be read. */
async function readLayer(
  registry: Registry,
  [name, { manifest }]: NamedContent,
  at: number,
): Promise<ReadonlyMap<string, string> | string> {
  const layer: Descriptor | undefined = manifest.layers[at];
  if (layer === undefined) return "the manifest does not list it";
  if (layer.size > largestLayer) return `other bytes; not looked into, since it has ${renderBytes(layer.size)}`;
  const bytes = await registry.getBlob(name, layer);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const tar = await unpack(bytes, largestUnpacked);
    if (tar !== undefined) return readLayerFiles(tar);
    return `other bytes; not looked into, since it does not unpack, or not to less than ${renderBytes(largestUnpacked)}`;
  }
  if (layer.mediaType.endsWith("tar")) return readLayerFiles(bytes);
  return `other bytes; not looked into, since it is ${layer.mediaType}`;
}

function listPaths(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(", ");
  return paths.length <= 5 ? shown : `${shown} and ${paths.length - 5} more`;
}
