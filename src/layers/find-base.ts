import type { Digest } from "../model/digest.ts";
import type { ImageLayer } from "./image-layers.ts";

/** An image that a build may have started from. */
export interface BaseCandidate {
  readonly reference: string;
  readonly digest: Digest;
  readonly layers: readonly Pick<ImageLayer, "digest" | "diffId">[];
}

/**
 * Finds the base of an image: the candidate with the most layers that are all at the bottom of the image, in their order. A layer is the
 * same if its digest is, or its uncompressed digest, since an exporter with another compression writes the base's layers anew.
 */
export function findBase(
  layers: readonly ImageLayer[],
  candidates: readonly BaseCandidate[],
): BaseCandidate | undefined {
  const fitting = candidates.filter(
    (base) => base.layers.length <= layers.length && base.layers.every((layer, at) => isSameLayer(layer, layers[at])),
  );
  return fitting.reduce<BaseCandidate | undefined>(
    (best, each) => (each.layers.length > (best?.layers.length ?? 0) ? each : best),
    undefined,
  );
}

function isSameLayer(base: Pick<ImageLayer, "digest" | "diffId">, layer: ImageLayer | undefined): boolean {
  if (layer === undefined) return false;
  return base.digest === layer.digest || (base.diffId !== null && base.diffId === layer.diffId);
}
