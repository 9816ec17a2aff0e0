/** One thing that is stored in a cache, or left over from a build. */
export interface StoredCache {
  readonly tier: "gha" | "registry";
  /**
   * `index`: what a scope's layers are. `layer`: a layer in GitHub's cache, which any index may name. `cache`: a service's
   * cache in a registry. `build`: what a run pushed. `other`: none of Slipway's.
   */
  readonly kind: "index" | "layer" | "cache" | "build" | "other";
  /** The key on GitHub, or the tag with its image name. */
  readonly name: string;
  /** GitHub's number of the entry. */
  readonly id: number | null;
  /** Of a tag. */
  readonly digest: string | null;
  /** Null: of no single service. */
  readonly service: string | null;
  readonly platform: string | null;
  /** The git reference whose runs wrote it: `refs/heads/main`, `refs/pull/5/merge`. */
  readonly ref: string | null;
  readonly pullRequest: number | null;
  readonly bytes: number;
  /** ISO 8601; null: not known. */
  readonly createdAt: string | null;
  readonly lastUsedAt: string | null;
}

/** The JSON document of `slipway cache list`; schema: `docs/reference/cache-list.schema.json`. */
export interface CacheListDocument {
  readonly version: 1;
  /** Null: GitHub was not asked. */
  readonly github: { readonly repository: string; readonly entries: number; readonly bytes: number } | null;
  readonly caches: readonly StoredCache[];
  /** What could not be found out, and what to do about it. */
  readonly notes: readonly string[];
}

/** The JSON document of `slipway cache prune`; schema: `docs/reference/cache-prune.schema.json`. */
export interface CachePruneDocument {
  readonly version: 1;
  /** `partly`: some could not be deleted, or there were too many for one run; the same command goes on. */
  readonly state: "dry-run" | "pruned" | "partly" | "nothing";
  readonly caches: readonly PrunedCache[];
  readonly kept: { readonly entries: number; readonly bytes: number };
  /** What deletes the same of GitHub's cache by hand. */
  readonly commands: readonly string[];
  readonly notes: readonly string[];
}

/** A cache that is to go, and what became of it. */
export interface PrunedCache extends StoredCache {
  readonly because: string;
  /** `gone`: somebody else had deleted it. `failed`: see `failure`. */
  readonly state: "would-go" | "deleted" | "gone" | "failed" | "left";
  readonly failure: string | null;
}
