/** One thing that is stored in a cache, or left over from a build. */
export interface StoredCache {
  readonly tier: "gha" | "registry";
  /**
   * `index`: BuildKit's list of a scope's layers. `layer`: a layer in GitHub's cache, which several indexes may name. `cache`: a service's
   * cache in a registry. `build`: an image that a run pushed. `other`: not Slipway's.
   */
  readonly kind: "index" | "layer" | "cache" | "build" | "other";
  /** The key on GitHub, or the tag with its image name. */
  readonly name: string;
  /** GitHub's number of the entry. */
  readonly id: number | null;
  /** The digest of a tag's manifest; null: an entry on GitHub. */
  readonly digest: string | null;
  /** Null: shared by all services. */
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
  /** Facts that could not be read, each with the way out. */
  readonly notes: readonly string[];
}

/** The JSON document of `slipway cache prune`; schema: `docs/reference/cache-prune.schema.json`. */
export interface CachePruneDocument {
  readonly version: 1;
  /** `partly`: the registry or GitHub refused some deletions, or there were too many for one run. Run the same command again. */
  readonly state: "dry-run" | "pruned" | "partly" | "nothing";
  readonly caches: readonly PrunedCache[];
  readonly kept: { readonly entries: number; readonly bytes: number };
  /** Commands that delete the same entries of GitHub's cache by hand. */
  readonly commands: readonly string[];
  readonly notes: readonly string[];
}

/** A cache that the rules remove, and the result. */
export interface PrunedCache extends StoredCache {
  readonly because: string;
  /** `gone`: another client had deleted it. `failed`: see `failure`. */
  readonly state: "would-go" | "deleted" | "gone" | "failed" | "left";
  readonly failure: string | null;
}

/** One entry of a repository's Actions cache; https://docs.github.com/rest/actions/cache */
export interface ActionsCacheEntry {
  readonly id: number;
  readonly key: string;
  readonly ref: string;
  readonly bytes: number;
  /** ISO 8601; null: the API does not say. */
  readonly createdAt: string | null;
  readonly lastUsedAt: string | null;
}
