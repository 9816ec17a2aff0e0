import { rm } from "node:fs/promises";
import type { Host } from "../../host.ts";
import type { Service } from "../../model/service.ts";
import type { FingerprintStore } from "../../images/published.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";

/** Where what is built goes. */
export type Destination =
  /** Pushed to an image name, and published there under its fingerprint. */
  | { readonly kind: "registry"; readonly storeOf: (service: Service) => FingerprintStore }
  /** Nowhere but this machine: images that others of the run start from are written into folders below this one. */
  | { readonly kind: "machine"; readonly folder: string };

/** Where what is released is. */
export function releasedStore({ images }: Service): FingerprintStore {
  return { name: images[0], prefix: "" };
}

/** Where a pull request's builds are; each has its own, so that closing one takes nothing from another. */
export function previewStore({ preview, images }: Service, pullRequest: number): FingerprintStore {
  if (preview === undefined) throw new RangeError(`there are no previews of ${images[0]}`);
  return { name: preview, prefix: `${previewTag(pullRequest)}.` };
}

/** The tag of a pull request's images. */
export function previewTag(pullRequest: number): string {
  return `pr-${pullRequest}`;
}

/** Gives a run that publishes nothing a folder for its images, and removes it at the end. */
export async function withMachineDestination<T>(host: Host, use: (destination: Destination) => Promise<T>): Promise<T> {
  const folder = await makeTemporaryFolder(host, "images");
  try {
    return await use({ kind: "machine", folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
