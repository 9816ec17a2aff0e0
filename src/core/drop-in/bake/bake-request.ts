import type { Fields } from "../../../formats/json.ts";
import type { BakeDefinition } from "../../../invocation/bake-target.ts";
import type { CallersBuild, DropInContext, DropInOptions, DropInResult } from "../request.ts";

/** One `docker buildx bake` that builds a target only if no published image has the same inputs. */
export interface DropInBakeRequest {
  /** Definition that bake makes of the caller's arguments. */
  readonly definition: BakeDefinition;
  /** Address that the definition was fetched from; undefined: the definition is a local file. */
  readonly remote: string | undefined;
  /** Name of the builder; undefined: the one that buildx has selected. */
  readonly builder: string | undefined;
  /** Absolute working directory, which relative paths of the definition refer to. */
  readonly cwd: string;
  readonly options: DropInOptions;
}

/** Clients and environment of a bake. */
export interface DropInBakeContext extends Omit<DropInContext, "runBuild"> {
  /** Bakes as the caller would have. Called at most once. */
  readonly runBake: RunCallersBake;
}

/** Bakes some of the requested targets, with the caller's other arguments. */
export type RunCallersBake = (part: BakePart) => Promise<CallersBake>;

/** The part of a bake that remains after some targets were reused. */
export interface BakePart {
  readonly targets: readonly string[];
  /** Values for `--set` that replace links to reused targets by their images. */
  readonly overrides: readonly string[];
  /** Whether no target was reused, so that the caller's own arguments need no change. */
  readonly isWhole: boolean;
}

/** End of the caller's bake. */
export interface CallersBake extends CallersBuild {
  /** Metadata by target, as buildx writes it; a target that failed has none. */
  readonly metadata: Readonly<Record<string, Fields>>;
}

/** Results by target, in an order in which each target follows the targets that it links to. */
export type BakeResults = ReadonlyMap<string, DropInResult>;
