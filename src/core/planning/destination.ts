import { rm } from "node:fs/promises";
import type { Host } from "../../host.ts";
import type { Service } from "../../model/service.ts";
import type { FingerprintStore } from "../../images/published.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";

/** Destination of built images. */
export type Destination =
  /** An image name in a registry: pushed there and published under the fingerprint. */
  | { readonly kind: "registry"; readonly storeOf: (service: Service) => FingerprintStore }
  /** A folder on this machine: holds only images that other services of the run start from. */
  | { readonly kind: "machine"; readonly folder: string };

/** The store of a release's images. */
export function releasedStore({ images }: Service): FingerprintStore {
  return { name: images[0], prefix: "" };
}

/** The store of a pull request's images. The tag prefix is the pull request's own, so that closing one deletes nothing of another. */
export function previewStore({ preview, images }: Service, pullRequest: number): FingerprintStore {
  if (preview === undefined) throw new RangeError(`there are no previews of ${images[0]}`);
  return { name: preview, prefix: `${previewTag(pullRequest)}.` };
}

/** The tag of a pull request's images. */
export function previewTag(pullRequest: number): string {
  return `pr-${pullRequest}`;
}

/** Makes a folder for the images of a run that publishes nothing, and deletes it afterwards. */
export async function withMachineDestination<T>(host: Host, use: (destination: Destination) => Promise<T>): Promise<T> {
  const folder = await makeTemporaryFolder(host, "images");
  try {
    return await use({ kind: "machine", folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
