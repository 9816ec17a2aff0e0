import type { Platform } from "../../model/platform.ts";

/** `NAME` or `NAME=default`; the default is not expanded. */
export interface ArgPair {
  readonly name: string;
  readonly value: string | undefined;
}

/** An `ARG` before the first `FROM`. */
export interface GlobalArg extends ArgPair {
  readonly line: number;
  readonly column: number;
}

interface Placed {
  /**
   * Text that counts for the fingerprint: keyword, flags and arguments, joined as BuildKit does, and one more line for each here-document.
   */
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** An instruction of a stage, with the fields that decide what it reads; `other` reads nothing and sets nothing. */
export type Command =
  | (Placed & { readonly kind: "arg"; readonly pairs: readonly ArgPair[] })
  | (Placed & { readonly kind: "env"; readonly pairs: readonly (readonly [name: string, value: string])[] })
  | (Placed & {
      readonly kind: "copy";
      readonly instruction: "COPY" | "ADD";
      /** Sources without here-documents, not expanded. */
      readonly sources: readonly string[];
      readonly from: string | undefined;
      readonly exclude: readonly string[];
      readonly parents: boolean;
      readonly checksum: string | undefined;
    })
  | (Placed & { readonly kind: "run"; readonly mounts: readonly Mount[] })
  | (Placed & { readonly kind: "onbuild"; readonly trigger: string })
  | (Placed & { readonly kind: "other" });

/** One `--mount`; `from` is never expanded, the other fields are. */
export interface Mount {
  readonly from: string | undefined;
  readonly fields: readonly (readonly [key: string, value: string | undefined])[];
}

/** A `FROM` with the instructions after it. Names are in lower case. */
export interface Stage {
  readonly index: number;
  readonly name: string | undefined;
  readonly base: string;
  readonly platform: string | undefined;
  readonly text: string;
  readonly line: number;
  readonly column: number;
  readonly commands: readonly Command[];
}

export interface Dockerfile {
  readonly file: string;
  /** Frontend that `# syntax=` names. */
  readonly syntax: string | undefined;
  /** Whether the frontend is not Docker's. Its reads are unknown then, and `stages` is empty. */
  readonly isForeign: boolean;
  readonly escape: "\\" | "`";
  /** `ARG`s before the first `FROM`, in order. */
  readonly globalArgs: readonly GlobalArg[];
  readonly stages: readonly Stage[];
  readonly layout: LineLayout;
}

/** Positions of the parts of a file; lines count from 1. */
export interface LineLayout {
  /** Last line of each instruction, here-documents included, by its first line. */
  readonly lastLines: ReadonlyMap<number, number>;
  /** Comment lines between the first and the last line of an instruction. */
  readonly innerComments: ReadonlySet<number>;
  /** Lines at the top that direct the parser: `# escape=`, `# syntax=`, `# check=`, and a `#!` line before them. */
  readonly directives: ReadonlySet<number>;
}

export interface DockerfileOptions {
  /** Name of the target stage; undefined: the last stage. */
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, string>>;
  readonly platform: Platform;
  /** Value of `BUILDPLATFORM`. */
  readonly buildPlatform: Platform;
  /** Names of named contexts, which replace stages and images of the same name. */
  readonly contexts: ReadonlySet<string>;
}

/** A third-party image: its reference, expanded, and the platform that it is resolved for. */
export interface BaseUse {
  readonly reference: string;
  readonly platform: Platform;
  /** Whether a stage starts from it, so that its `ENV` and `ONBUILD` count. */
  readonly startsStage: boolean;
}

/** A named context that is used, and the platform that an image in its place is resolved for. */
export interface ContextUse {
  readonly name: string;
  readonly platform: Platform;
  readonly startsStage: boolean;
}

/** The base of a stage. */
export type StageBase =
  | { readonly kind: "scratch" }
  | { readonly kind: "stage"; readonly index: number }
  | { readonly kind: "image"; readonly reference: string }
  /** `replaces`: the context replaces the whole stage, whose instructions are then unused, or only its base. */
  | { readonly kind: "context"; readonly name: string; readonly replaces: "stage" | "base" };

export interface ResolvedStage {
  readonly stage: Stage;
  readonly base: StageBase;
  readonly platform: Platform;
}

export interface ResolvedBuild {
  readonly dockerfile: Dockerfile;
  readonly options: DockerfileOptions;
  /** The target and the stages that it needs, in the order of the file. */
  readonly stages: readonly ResolvedStage[];
  /** Every third-party image that `FROM`, `COPY --from` or `RUN --mount from=` uses; `scratch` is not listed. */
  readonly bases: readonly BaseUse[];
  /** Names of the named contexts that are used, sorted. */
  readonly contexts: readonly string[];
  readonly contextUses: readonly ContextUse[];
  /** Frontend that reads the file: the build arg `BUILDKIT_SYNTAX`, else `# syntax=`. Undefined: BuildKit's own. */
  readonly frontend: string | undefined;
}

/** The parts of a base image's config that count. */
export interface BaseConfig {
  readonly env: Readonly<Record<string, string>>;
  readonly onBuild: readonly string[];
}

/**
 * Files that one instruction reads from the build context or a named context. `makeRootMatcher` and `makeContentMatcher` select them.
 * Symlinks: a link that a source passes through, ends at or matches by a pattern is followed inside the context, absolute targets from its
 * root. Links below a folder that is read are read as links.
 */
export interface FileRead {
  readonly from: { readonly kind: "context" } | { readonly kind: "named"; readonly name: string };
  readonly instruction: "COPY" | "ADD" | "RUN" | "FROM";
  readonly line: number;
  /** Clean paths relative to the root of the context; `.` is all of it. With `parents`, a pivot is kept: `base/./pattern`. */
  readonly sources: readonly string[];
  /** Whether `*`, `?` and `[` are wildcards. A pattern may match nothing; a plain path must exist. */
  readonly wildcards: boolean;
  /** Ignore-file patterns relative to each source folder; a source that is a file is never excluded. */
  readonly exclude: readonly string[];
  /** Whether sources are ignore-file patterns (with `**`) relative to the pivot. */
  readonly parents: boolean;
}

export interface BuildReads {
  readonly reads: readonly FileRead[];
  /** Instructions that decide the build, one per line, together with args, platform, and the digests of bases and contexts. */
  readonly instructions: readonly string[];
  /** First lines of the instructions that count. `all`: another frontend reads the file, in an unknown way. */
  readonly countedLines: ReadonlySet<number> | "all";
  /** Args that count and have a value: declared in a reachable stage, used by a `FROM`, or read by BuildKit itself. */
  readonly args: Readonly<Record<string, string>>;
  /** Whether the build depends on the build platform, which then belongs to the fingerprint. */
  readonly usesBuildPlatform: boolean;
  /** Reasons why the inputs do not determine the build; empty: they do. */
  readonly volatile: readonly string[];
  /** Platforms of the stages that have a RUN, sorted; empty for another frontend. */
  readonly runsOn: readonly Platform[];
  /** Images that have no config in the map yet; the caller resolves them and calls `readBuild` again. */
  readonly moreBases: readonly BaseUse[];
  /** Named contexts that only `ONBUILD` instructions use and that have no config in the map yet. */
  readonly moreContexts: readonly string[];
  /** All named contexts that are used, those of `ONBUILD` included. */
  readonly contextUses: readonly ContextUse[];
}

/** The key of a base in the map that `readBuild` takes. */
export function baseKey(base: { readonly reference: string; readonly platform: Platform }): string {
  return `${base.reference}|${base.platform}`;
}
