import type { ImageConfig, Layer } from "./image.ts";

/**
 * Look-alikes of the base images that Dockerfiles name, made from packages: the same names, paths, environment and
 * entry points; a shell and the everyday commands come from busybox.
 */
export interface Base {
  readonly name: string;
  readonly tags: readonly string[];
  readonly layers: readonly Layer[];
  readonly config: ImageConfig;
}

/** The search path that official images set. */
export const debianPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
