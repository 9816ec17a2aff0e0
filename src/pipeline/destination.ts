import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageName } from "../model/reference.ts";
import type { Service } from "../model/service.ts";

/** Where what is built goes. */
export type Destination =
  /** Pushed to an image name, and published there under its fingerprint. */
  | { readonly kind: "registry"; readonly nameOf: (service: Service) => ImageName }
  /** Nowhere but this machine: images that others of the run start from are written into folders below this one. */
  | { readonly kind: "machine"; readonly folder: string };

/** A run that publishes: each service's first image name. */
export const firstNames: Destination = { kind: "registry", nameOf: ({ images }) => images[0] };

/** Gives a run that publishes nothing a folder for its images, and removes it at the end. */
export async function withMachineDestination<T>(use: (destination: Destination) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-images-"));
  try {
    return await use({ kind: "machine", folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
