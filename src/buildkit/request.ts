import type { CacheUse } from "../event.ts";
import type { BuildDefinition, DefinitionSources } from "../model/build-definition.ts";
import type { CacheEntry } from "../model/cache-entry.ts";
import type { Digest } from "../model/digest.ts";
import type { RunTokens } from "../model/ci-run.ts";

/**
 * One solve: one service on one platform. Only `definition` decides the image; every other field is on the list of uncounted inputs
 * (`model/not-counted.ts`). Paths are absolute.
 */
export interface BuildRequest {
  readonly service: string;
  readonly definition: BuildDefinition;
  readonly sources: DefinitionSources;
  readonly folders: HandedFolders;
  /** Name of the Dockerfile in error messages; default: its path in `folders`. */
  readonly dockerfileName?: string;
  /** Labels that Slipway adds. Labels of the definition take precedence. */
  readonly ownLabels: Readonly<Record<string, string>>;
  /** Cache imports; earlier entries take precedence. */
  readonly cacheFrom: readonly CacheEntry[];
  readonly cacheTo: readonly CacheEntry[];
  readonly output: BuildOutput;
  readonly provenance: "min" | "max" | "none";
  /** Scanner that makes the image's SBOM, `name:tag@digest`; undefined: the image gets none. */
  readonly scanner: string | undefined;
  /** Name of the builder; undefined: the one that buildx has selected, or `BUILDX_BUILDER`. */
  readonly builder: string | undefined;
  /** Whether to run every instruction, whatever the engine's cache and the imports hold. Both are still written. */
  readonly ignoresCaches?: boolean;
  /** Tokens, which are redacted from all output. GitHub's cache gets the job's token, to list its entries. */
  readonly tokens: RunTokens;
}

/** Folders into which a definition's files were staged. */
export interface HandedFolders {
  readonly contextFolder: string;
  readonly dockerfile: string;
  /** Folders by the name of their context. */
  readonly namedFolders: Readonly<Record<string, string>>;
}

/** Destination of a solve's result. */
export type BuildOutput =
  /**
   * Pushed under `name:tag`. `plainHttp`: the registry speaks plain HTTP, and the builder may not be configured for that. `asArtifacts`:
   * attestations are OCI artifacts with a subject, which some registries refuse.
   */
  | { readonly kind: "push"; readonly name: string; readonly plainHttp?: boolean; readonly asArtifacts?: boolean }
  /** Written into this folder, which must not exist yet, as an OCI image layout (image-spec, image-layout.md). */
  | { readonly kind: "layout"; readonly folder: string }
  /** Left in the build cache. The build only shows that the image can be built. */
  | { readonly kind: "none" };

/** How a solve ended if it was not interrupted. */
export type BuildOutcome = FinishedSolve | FailedBuild;

/** A successful solve. */
export interface FinishedSolve {
  readonly kind: "built";
  /** Digest of the pushed or written index (with attestations) or image manifest (without). Undefined for output `none`. */
  readonly digest: Digest | undefined;
  readonly seconds: number;
  /** Number of instructions that came from a cache; `FROM` does not count. */
  readonly cachedVertices: number;
  readonly ranVertices: number;
  /** Bytes of layers that were fetched from caches. */
  readonly cachedBytes: number;
  readonly cacheUses: readonly CacheUse[];
}

/** A failed solve. */
export interface FailedBuild {
  readonly kind: "failed";
  /** The failed instruction and its error, in one line. */
  readonly because: string;
  readonly errorKind: "build-failed" | "registry-denied" | "build-unavailable";
  /** Registry that denied access, if BuildKit's message names it. */
  readonly registry: string | undefined;
  /** What the user can do about it. */
  readonly hint: string | undefined;
  /** Last output lines of the failed instruction. */
  readonly log: readonly string[];
  /** Line of the Dockerfile where the failed instruction begins. */
  readonly place?: { readonly file: string; readonly line: number };
  /** Whether the scanner of SBOMs failed, or could not be fetched, and the build itself did not. */
  readonly atScanner: boolean;
  /** Whether a retry may succeed, for example after a registry's short outage or a broken connection. */
  readonly transient: boolean;
  readonly seconds: number;
  readonly cacheUses: readonly CacheUse[];
}
