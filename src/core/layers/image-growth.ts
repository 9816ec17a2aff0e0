import type { LayerStack } from "./read-image.ts";
import { imageSize } from "../../images/service-index.ts";
import { compareLayers, type ComparedLayers } from "../../layers/compare-layers.ts";
import { sizeOfMissing } from "../../layers/image-layers.ts";
import type { Digest } from "../../model/digest.ts";
import type { ImageGrowth, PlacedLayer } from "../../model/layers-document.ts";
import type { Manifest } from "../../model/oci.ts";

/** The images to compare with: this service's, and those of all services of that release. */
export interface Earlier {
  /** The release, as commands take it. */
  readonly since: string;
  readonly image: LayerStack;
  readonly all: readonly Manifest[];
}

/** What changed in an image since an earlier one, and what a node must pull that has the earlier one, or all of its release. */
export function makeGrowth(image: LayerStack, { since, image: before, all }: Earlier): ImageGrowth {
  const contents = [image.manifest.config, ...image.layers];
  return {
    since,
    bytes: imageSize(image.manifest) - imageSize(before.manifest),
    pull: {
      ofService: sizeOfMissing(contents, blobsOf([before.manifest])),
      ofRelease: sizeOfMissing(contents, blobsOf([before.manifest, ...all])),
    },
    changes: compareLayers(asCompared(before), asCompared(image)),
  };
}

function blobsOf(manifests: readonly Manifest[]): ReadonlySet<Digest> {
  return new Set(manifests.flatMap(({ config, layers }) => [config, ...layers].map(({ digest }) => digest)));
}

function asCompared(image: LayerStack): ComparedLayers {
  const { base, layers } = image;
  return { base, layers: layers.map((layer, at) => ({ ...layer, origin: layerOrigin(image, at) })) };
}

/** Where the layer with this number, from the bottom, comes from. */
export function layerOrigin({ base }: Pick<LayerStack, "base">, at: number): PlacedLayer["origin"] {
  switch (base.kind) {
    case "image":
      return at < base.layers ? "base" : "own";
    case "none":
      return "own";
    case "unknown":
      return "unknown";
  }
}
