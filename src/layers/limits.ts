import type { ImageLayers } from "../model/layers-document.ts";
import { renderBytes } from "../model/units.ts";

/** Growth that is allowed: bytes, or a share of the earlier size in percent. */
export type GrowthLimit =
  | { readonly kind: "bytes"; readonly bytes: number }
  | { readonly kind: "percent"; readonly percent: number };

/** Limits of an image; undefined: none. */
export interface LayerLimits {
  /** Bytes, compressed. */
  readonly maxSize: number | undefined;
  /** Growth since the release that is compared with. */
  readonly maxGrowth: GrowthLimit | undefined;
}

/** Describes each limit that an image exceeds. An image without an earlier one has no growth to judge. */
export function imagesOver(images: readonly ImageLayers[], limits: LayerLimits): string[] {
  const { maxSize, maxGrowth } = limits;
  return images.flatMap(({ service, platform, size, growth }) => {
    const who = `${service} ${platform}`;
    const over = maxSize !== undefined && size > maxSize;
    const tooLarge = over ? [`${who} has ${renderBytes(size)}, more than ${renderBytes(maxSize)}`] : [];
    if (maxGrowth === undefined || growth === null || growth.bytes <= allowed(maxGrowth, size - growth.bytes)) {
      return tooLarge;
    }
    const most = maxGrowth.kind === "bytes" ? renderBytes(maxGrowth.bytes) : `${maxGrowth.percent} %`;
    return [...tooLarge, `${who} grew by ${renderBytes(growth.bytes)} since ${growth.since}, more than ${most}`];
  });
}

function allowed(limit: GrowthLimit, before: number): number {
  return limit.kind === "bytes" ? limit.bytes : (before * limit.percent) / 100;
}
