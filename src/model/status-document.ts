import type { DeployedRelease } from "./deployed.ts";
import type { Digest } from "./digest.ts";
import type { ImageName } from "./reference.ts";
import type { ReleasedService } from "./release.ts";

/** The JSON document of `slipway status`; schema: `docs/reference/status.schema.json`. */
export interface Status {
  readonly releases: readonly ReleaseStatus[];
  readonly rollbacks: readonly { readonly record: string; readonly to: string; readonly decidedAt: string }[];
  /** Tags of the releases shown, sorted by image and tag. */
  readonly tags: readonly TagStatus[];
  /** Records without a mark, oldest first: their tags may not be in place. `tags` covers the last 100 of them. */
  readonly unfinished: readonly string[];
  /** Releases with a version tag that holds another image than the record, oldest first. No command moves such a tag. */
  readonly spoilt: readonly string[];
  readonly abandonments: readonly { readonly record: string; readonly release: string; readonly abandonedAt: string }[];
  /** Which release a list of images is; absent: none was given. */
  readonly deployed?: DeployedRelease;
}

/** A release as `slipway status` shows it. */
export interface ReleaseStatus {
  readonly record: string;
  readonly group: string;
  readonly version: string | null;
  readonly branch: string | null;
  readonly commit: string;
  readonly releasedAt: string;
  /** Whether all its tags were in place once. */
  readonly isFinished: boolean;
  /** `spoilt`: a version tag holds another image than the record says. `abandoned`: put aside by a record. */
  readonly state: "finished" | "unfinished" | "spoilt" | "abandoned";
  readonly services: readonly ServiceStatus[];
}

export interface ServiceStatus {
  readonly service: string;
  readonly images: readonly ImageName[];
  readonly digest: Digest;
  readonly origin: ReleasedService["origin"];
  readonly commit: string;
  readonly builtAt: string;
  /** Seconds since it was built. */
  readonly ageSeconds: number;
}

export interface TagStatus {
  readonly service: string;
  readonly image: ImageName;
  readonly tag: string;
  readonly kind: "version" | "moving";
  readonly isAt: Digest | null;
  readonly belongsAt: Digest;
  /** The release it belongs to, as commands take it. */
  readonly release: string;
  /** The rollback record that holds it there; null: none does. */
  readonly rollback: string | null;
  /** Fault of the tag; null: it is where it belongs. */
  readonly wrong: string | null;
}
