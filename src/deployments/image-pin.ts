import type { Digest } from "../model/digest.ts";
import { type ImageName, parseReference } from "../model/reference.ts";
import type { ReleaseManifest } from "../model/release.ts";

/** A service of a release: the names that its image has, and the digest that each of them is pinned to. */
export interface ImagePin {
  readonly service: string;
  readonly images: readonly [ImageName, ...ImageName[]];
  readonly digest: Digest;
  /** Version tag of the release; null: it has none. */
  readonly tag: string | null;
}

/** A file of a deployment with images by digest, or the reason why it is left as it is. */
export type PinnedFile =
  | {
      readonly kind: "pinned";
      readonly text: string;
      /** Services whose images the file names, sorted. */
      readonly services: readonly string[];
      /** Images of the release that stay as they are written, and why. */
      readonly left: readonly string[];
    }
  | { readonly kind: "refused"; readonly because: string };

/** Pins of all services of a release. */
export function pinsOf({ services }: ReleaseManifest): readonly ImagePin[] {
  return services.map(({ service, images, digest, tags }) => ({
    service,
    images,
    digest,
    tag: tags.version[0] ?? null,
  }));
}

/** Finds the service whose image a reference names, whatever tag or digest it has. */
export function findPin(pins: readonly ImagePin[], reference: string): ImagePin | undefined {
  const name = parseReference(reference)?.name;
  return name === undefined ? undefined : pins.find(({ images }) => images.includes(name));
}

/** The name of a reference as it is written: `acme/api` of `acme/api:1.2@sha256:…`. */
export function writtenName(reference: string): string {
  const [before = ""] = reference.split("@");
  const colon = before.lastIndexOf(":");
  return colon > before.lastIndexOf("/") ? before.slice(0, colon) : before;
}
