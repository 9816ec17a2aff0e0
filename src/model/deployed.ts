import type { Digest } from "./digest.ts";

/** Which release a list of images is, as `slipway status --deployed` says it. */
export interface DeployedRelease {
  /**
   * `exactly`: all services of one release and nothing else of its services. `partly`: only images of one release, and not all of its services.
   * `mixed`: no release has all of them. `unknown`: no image is of a release. `nothing`: there are no digests.
   */
  readonly state: "exactly" | "partly" | "mixed" | "unknown" | "nothing";
  /** Releases that have all known images, the newest first; none where the state is `mixed`. */
  readonly releases: readonly string[];
  /** Running images by service; a service may run in several versions. */
  readonly services: readonly {
    readonly service: string;
    readonly digest: Digest;
    /** Releases that ship it, the newest first. */
    readonly releases: readonly string[];
  }[];
  /** Services of the newest of `releases` that do not run. */
  readonly missing: readonly string[];
  /** Images that no release has, as `name@sha256:…`, or the digest alone. */
  readonly unknown: readonly string[];
  /** Images without a digest, which may be any. */
  readonly unpinned: readonly string[];
  /** Number of releases that were compared. */
  readonly compared: number;
}
