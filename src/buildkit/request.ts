import type { CacheUse } from "../event.ts";
import type { BuildDefinition, DefinitionSources } from "../model/build-definition.ts";
import type { CacheEntry } from "../model/cache-entry.ts";
import type { Digest } from "../model/digest.ts";
import type { RunTokens } from "../model/ci-run.ts";

/**
 * One solve: one service on one platform. What decides the image is in `definition` alone; everything else is on the list of what
 * does not count (`model/not-counted.ts`). Paths are absolute.
 */
export interface BuildRequest {
  readonly service: string;
  readonly definition: BuildDefinition;
  readonly sources: DefinitionSources;
  readonly folders: HandedFolders;
  /** How error messages name the Dockerfile; default: as it is in `folders`. */
  readonly dockerfileName?: string;
  /** Slipway's own; those of the definition go before them. */
  readonly ownLabels: Readonly<Record<string, string>>;
  /** Earlier ones win. */
  readonly cacheFrom: readonly CacheEntry[];
  readonly cacheTo: readonly CacheEntry[];
  readonly output: BuildOutput;
  readonly provenance: "min" | "max" | "none";
  readonly sbom: boolean;
  /** Undefined: the one that buildx has selected (`BUILDX_BUILDER` counts). */
  readonly builder: string | undefined;
  /** Every instruction is run, whatever the engine and the caches hold; both are written all the same. */
  readonly ignoresCaches?: boolean;
  /** Kept out of everything that is told; GitHub's cache gets the job's, to list its entries. */
  readonly tokens: RunTokens;
}

/** Where the files of a definition were laid out. */
export interface HandedFolders {
  readonly contextFolder: string;
  readonly dockerfile: string;
  /** By the name of the context. */
  readonly namedFolders: Readonly<Record<string, string>>;
}

/** What becomes of the result of a solve. */
export type BuildOutput =
  /** Pushed under `name:tag`; `plainHttp`: to a registry that speaks plain HTTP, which the builder need not know. */
  | { readonly kind: "push"; readonly name: string; readonly plainHttp?: boolean }
  /** Written into this folder, which is not there yet, as an OCI image layout (image-spec, image-layout.md). */
  | { readonly kind: "layout"; readonly folder: string }
  /** Left in the build cache: it is only seen whether it builds. */
  | { readonly kind: "none" };

/** How a solve ended, when nobody interrupted it. */
export type BuildOutcome = FinishedSolve | FailedBuild;

/** A solve that went well. */
export interface FinishedSolve {
  readonly kind: "built";
  /** Of what was pushed or written: an index when there are attestations, else the image manifest. Undefined for output `none`. */
  readonly digest: Digest | undefined;
  readonly seconds: number;
  /** Instructions that came from a cache, and that ran; `FROM` counts for neither. */
  readonly cachedVertices: number;
  readonly ranVertices: number;
  /** Of layers that were fetched from caches. */
  readonly cachedBytes: number;
  readonly cacheUses: readonly CacheUse[];
}

/** A solve that failed, and why. */
export interface FailedBuild {
  readonly kind: "failed";
  /** One line: the failing instruction and what was wrong with it. */
  readonly because: string;
  /** `credentials`: a registry refused; `unavailable`: something outside was not there; `failed`: the build itself. */
  readonly code: "failed" | "credentials" | "unavailable";
  /** Registry that refused, where BuildKit's words name it. */
  readonly registry: string | undefined;
  /** What to do about it. */
  readonly hint: string | undefined;
  /** Last lines that the failing instruction wrote. */
  readonly log: readonly string[];
  /** The line of the Dockerfile where the failing instruction begins. */
  readonly place?: { readonly file: string; readonly line: number };
  /** The same build may succeed in a moment: a registry that had a bad minute, a connection that broke. */
  readonly transient: boolean;
  readonly seconds: number;
  readonly cacheUses: readonly CacheUse[];
}
