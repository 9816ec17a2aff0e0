import type { Fields } from "../../../formats/json.ts";
import type { BakeDefinition } from "../../../invocation/bake-target.ts";
import type { CallersBuild, DropInContext, DropInOptions, DropInResult } from "../request.ts";

/** One `docker buildx bake`, of which only the targets are built that nothing published is the same as. */
export interface DropInBakeRequest {
  /** What the caller's arguments mean. */
  readonly definition: BakeDefinition;
  /** Address that the definition was fetched from; undefined: it is of this machine. */
  readonly remote: string | undefined;
  /** Undefined: the one that buildx has selected. */
  readonly builder: string | undefined;
  /** Absolute; relative paths of the definition start here. */
  readonly cwd: string;
  readonly options: DropInOptions;
}

/** What a bake works with. */
export interface DropInBakeContext extends Omit<DropInContext, "runBuild"> {
  /** Bakes as the caller would have, once at most. */
  readonly runBake: RunCallersBake;
}

/** Bakes some of the targets that were asked for, with the caller's other arguments. */
export type RunCallersBake = (part: BakePart) => Promise<CallersBake>;

/** What is left of a bake once some targets are reused. */
export interface BakePart {
  readonly targets: readonly string[];
  /** Values for `--set`: targets that link to a reused one get its image instead. */
  readonly overrides: readonly string[];
  /** Nothing is reused: the caller's own arguments do. */
  readonly isWhole: boolean;
}

/** How a bake ended. */
export interface CallersBake extends CallersBuild {
  /** Of each target, as buildx wrote it; none where it failed. */
  readonly metadata: Readonly<Record<string, Fields>>;
}

/** What became of each target that was asked for, in its order. */
export type BakeResults = ReadonlyMap<string, DropInResult>;
