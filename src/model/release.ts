import type { Digest } from "./digest.ts";
import type { Fingerprint } from "./inputs.ts";
import type { Platform } from "./platform.ts";
import type { ImageName } from "./reference.ts";

/** One platform of a released image. Sizes in bytes, compressed, configuration and layers. */
export interface ReleasedPlatform {
  readonly platform: Platform;
  readonly digest: Digest;
  readonly fingerprint: Fingerprint;
  readonly size: number;
  /** Attestation manifests of the image. Absent in records of earlier versions. */
  readonly attestations?: readonly Digest[];
}

/** The configuration of an image that services start from, as far as it decides their inputs. */
export interface RecordedBase {
  /** Of the platform's image manifest. */
  readonly digest: Digest;
  readonly env: Readonly<Record<string, string>>;
  readonly onBuild: readonly string[];
}

/** A service as a release ships it. */
export interface ReleasedService {
  readonly service: string;
  readonly images: readonly [ImageName, ...ImageName[]];
  /** The digest of the index over the platforms: the one to pull. */
  readonly digest: Digest;
  readonly platforms: readonly ReleasedPlatform[];
  /** How this release got the image: built it, found it published, or kept the last release's (`--only`). */
  readonly origin: "built" | "reused" | "kept";
  /** The commit that the image was built from, and when. */
  readonly commit: string;
  readonly builtAt: string;
  /** How long the build took, when this release built it. */
  readonly buildSeconds: number | null;
  /** Why it was built or reused, and what that took and saved; absent in records of earlier versions. */
  readonly work?: ReleasedWork;
  /** Tags of its first image name, and of every other one that `imageTags` does not hold. */
  readonly tags: ReleasedTags;
  /** Tags of the image names that have their own; absent: none has. */
  readonly imageTags?: Readonly<Record<string, ReleasedTags>>;
}

/** Why a release built or reused a service's image, and what that took. Seconds are those of builders, summed over platforms, and no one's waiting. */
export interface ReleasedWork {
  /** Null: not known. */
  readonly reason: WorkReason | null;
  /** Seconds of this release's solves; null: it built nothing. */
  readonly builderSeconds: number | null;
  /** Seconds that the last measured builds of the reused platforms took; null: nothing was reused, or one of them was never measured. */
  readonly savedSeconds: number | null;
  /** Instructions of the solves, and how many of them came from a cache; null: it built nothing, or they were not counted. */
  readonly vertices: { readonly all: number; readonly cached: number } | null;
}

/** Why the plan built or reused a service. */
export interface WorkReason {
  /** A plan's sort of reason: `inputs-changed`, `base-moved`, `unchanged`, …; later versions may have others. */
  readonly kind: string;
  /** In one line. */
  readonly text: string;
  /** What changed, the most telling first; at most 20. */
  readonly causes: readonly { readonly what: string; readonly name: string }[];
}

/** Tags a release gives an image name, rendered: those that never move, and those that do. */
export interface ReleasedTags {
  readonly version: readonly string[];
  readonly moving: readonly string[];
}

/** The subject of a release: a version of a release group, or a commit of a branch. */
export type ReleaseSubject =
  | { readonly kind: "version"; readonly version: string }
  | {
      readonly kind: "branch";
      readonly branch: string;
      /** The number of commits up to the released one, itself included. A larger number is newer. */
      readonly generation: number;
      readonly committedAt: string;
      /** 1, and one more each time the same commit is released with other images: a base moved, an image was too old. */
      readonly revision: number;
    };

/** The OCI artifact that says which digests a release consists of; `images.json` of the GitHub release. */
export interface ReleaseManifest {
  readonly schemaVersion: 1;
  readonly group: string;
  readonly subject: ReleaseSubject;
  readonly commit: string;
  /** The repository's web address or remote, without credentials; empty when it has none. */
  readonly source: string;
  /** ISO 8601. */
  readonly releasedAt: string;
  /** The release before it in the same line, by record tag, and its commit; null for the first. */
  readonly previous: { readonly record: string; readonly commit: string } | null;
  /** GitHub's number and attempt of the run that made it; absent: it was made elsewhere, or by an earlier version. */
  readonly run?: { readonly id: string; readonly attempt: number };
  /** Sorted by service. */
  readonly services: readonly ReleasedService[];
  /**
   * Images that services started from, sorted by digest: the next release need not read their configurations. Absent where they are not
   * known, and in records of earlier versions.
   */
  readonly bases?: readonly RecordedBase[];
}

/** The decision to send moving tags back to a release. It holds until a release newer than any in `knew`. */
export interface RollbackRecord {
  readonly schemaVersion: 1;
  readonly group: string;
  /** The record of the target release. */
  readonly to: string;
  /** Release records that existed when it was decided, sorted. */
  readonly knew: readonly string[];
  readonly decidedAt: string;
}

/** The decision to put a release aside: its moving tags go to other releases, no command finishes it, and its version is not used again. */
export interface AbandonmentRecord {
  readonly schemaVersion: 1;
  readonly group: string;
  /** The record of the abandoned release. */
  readonly release: string;
  readonly abandonedAt: string;
}
