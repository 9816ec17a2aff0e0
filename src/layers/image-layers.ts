import { asText } from "../formats/json.ts";
import type { Digest } from "../model/digest.ts";
import type { ImageConfig, Manifest } from "../model/oci.ts";
import { readInstruction } from "./read-instruction.ts";

/** A layer as its image's manifest and config describe it. */
export interface ImageLayer {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes, compressed. */
  readonly size: number;
  /** Digest of the uncompressed layer; null: the config does not list it. */
  readonly diffId: string | null;
  /** Null: the config has no history for it. */
  readonly instruction: string | null;
}

/**
 * Pairs the layers of a manifest with the history of its config. History entries with `empty_layer` made no layer. A config whose history has
 * another number of layers than the manifest (squashed images, other builders) describes none of them.
 */
export function readImageLayers(manifest: Manifest, config: ImageConfig): ImageLayer[] {
  const history = (config.history ?? []).filter((entry) => entry["empty_layer"] !== true);
  const isComplete = history.length === manifest.layers.length;
  const diffIds = config.rootfs.diff_ids.length === manifest.layers.length ? config.rootfs.diff_ids : [];
  return manifest.layers.map(({ digest, mediaType, size }, at) => {
    const createdBy = isComplete ? (asText(history[at]?.["created_by"]) ?? "") : "";
    const diffId = diffIds[at] ?? null;
    return { digest, mediaType, size, diffId, instruction: createdBy === "" ? null : readInstruction(createdBy) };
  });
}

/** Sum of the sizes of distinct layers that are not in `held`. */
export function sizeOfMissing(
  layers: readonly Pick<ImageLayer, "digest" | "size">[],
  held: ReadonlySet<Digest>,
): number {
  const missing = new Map(layers.filter(({ digest }) => !held.has(digest)).map(({ digest, size }) => [digest, size]));
  return [...missing.values()].reduce((sum, size) => sum + size, 0);
}
