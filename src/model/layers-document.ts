import type { Digest } from "./digest.ts";
import type { Platform } from "./platform.ts";

/** The JSON document of `slipway layers`; schema: `docs/reference/layers.schema.json`. */
export interface LayersDocument {
  readonly version: 1;
  /** One entry a service and platform, in the order of the services. */
  readonly images: readonly ImageLayers[];
  /** Images above `--max-size` or `--max-growth`; not empty: the exit code is 1. */
  readonly over: readonly string[];
  /** Facts that could not be found out. */
  readonly notes: readonly string[];
}

/** The layers of one platform's image, as a release ships it. Sizes in bytes, compressed. */
export interface ImageLayers {
  readonly service: string;
  readonly platform: Platform;
  /** The release that ships it, as commands take it. */
  readonly release: string;
  /** `name@sha256:…` of the platform's manifest. */
  readonly image: string;
  /** Configuration and layers, each once. */
  readonly size: number;
  readonly base: LayerBase;
  /** From the lowest to the highest. */
  readonly layers: readonly PlacedLayer[];
  /** Null: there is no release to compare with, or it has no such image. */
  readonly growth: ImageGrowth | null;
  /** Files of the layers; null: not read. */
  readonly files: ImageFiles | null;
}

/** The image that the lowest layers come from. `none`: the image starts from scratch. */
export type LayerBase =
  | { readonly kind: "image"; readonly reference: string; readonly digest: Digest; readonly layers: number }
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly because: string };

/** One layer with the instruction that made it. */
export interface PlacedLayer {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  /** Null: the image's history does not say it. */
  readonly instruction: string | null;
  readonly origin: "base" | "own" | "unknown";
  /** Other services whose released image has the same layer; sorted. */
  readonly sharedWith: readonly string[];
  /** `DOCKERFILE:LINE` of the instruction in the checked-out Dockerfile; null: a base's layer, or no instruction there is the same. */
  readonly place: string | null;
  /** Whether the release that is compared with lacks it in this service's image; null: nothing is compared. */
  readonly isNew: boolean | null;
}

/** Change since another release, and the bytes that a node with that release must pull. Compressed. */
export interface ImageGrowth {
  /** The release that is compared with, as commands take it. */
  readonly since: string;
  readonly bytes: number;
  readonly pull: {
    /** By a node that has this service's image of that release. */
    readonly ofService: number;
    /** By a node that has the images of all services of that release. */
    readonly ofRelease: number;
  };
  /** Where layers differ; the largest change first. */
  readonly changes: readonly LayerChange[];
}

/** The layer of one instruction, or all layers of the base, before and after. */
export interface LayerChange {
  /** Null: the image's history does not say it. Of a base: its reference. */
  readonly instruction: string | null;
  readonly origin: PlacedLayer["origin"];
  /** Null: there was none. */
  readonly before: number | null;
  /** Null: it is gone. */
  readonly after: number | null;
}

/** Files in the layers of an image. Layers are numbers in `layers`, from 0. Sizes in bytes, uncompressed. */
export interface ImageFiles {
  /** Bytes that a later layer overwrites or deletes; they are pulled and stored, and no container sees them. */
  readonly wastedBytes: number;
  /** dive's figure, 0 to 1, to compare with; null: a layer was not read. */
  readonly diveEfficiency: number | null;
  /** The largest of these files. `by`: the layer that overwrites or deletes it. */
  readonly wasted: readonly {
    readonly path: string;
    readonly size: number;
    readonly layer: number;
    readonly how: "overwritten" | "deleted";
    readonly by: number;
  }[];
  /** The largest files that a container sees. */
  readonly largest: readonly { readonly path: string; readonly size: number; readonly layer: number }[];
  /** Caches and lists that package managers left in own layers. */
  readonly leftovers: readonly {
    readonly manager: string;
    readonly layer: number;
    readonly bytes: number;
    readonly files: number;
    readonly advice: string;
  }[];
  /** Layers that were not read to their end. `isFault`: the image is damaged; the exit code is 1. */
  readonly unread: readonly { readonly layer: number; readonly because: string; readonly isFault: boolean }[];
}

/** Bytes by which a layer grew; negative: it shrank. */
export function bytesGrown({ before, after }: LayerChange): number {
  return (after ?? 0) - (before ?? 0);
}
