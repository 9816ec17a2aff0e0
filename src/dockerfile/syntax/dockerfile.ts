import type { Platform } from "../../model/platform.ts";

/** `NAME` or `NAME=default`; the default is as written, not expanded. */
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
  /** What counts for the fingerprint: keyword, flags and arguments as BuildKit puts them together; a line more a here-document. */
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** An instruction of a stage, as far as it decides what is read; `other` reads nothing and sets nothing. */
export type Command =
  | (Placed & { readonly kind: "arg"; readonly pairs: readonly ArgPair[] })
  | (Placed & { readonly kind: "env"; readonly pairs: readonly (readonly [name: string, value: string])[] })
  | (Placed & {
      readonly kind: "copy";
      readonly instruction: "COPY" | "ADD";
      /** Without the here-documents among them; not expanded. */
      readonly sources: readonly string[];
      readonly from: string | undefined;
      readonly exclude: readonly string[];
      readonly parents: boolean;
      readonly checksum: string | undefined;
    })
  | (Placed & { readonly kind: "run"; readonly mounts: readonly Mount[] })
  | (Placed & { readonly kind: "onbuild"; readonly trigger: string })
  | (Placed & { readonly kind: "other" });

/** One `--mount`: `from` is never expanded, the other fields are. */
export interface Mount {
  readonly from: string | undefined;
  readonly fields: readonly (readonly [key: string, value: string | undefined])[];
}

/** `FROM` and what follows it. Names are in lower case. */
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
  /** The frontend that `# syntax=` names. */
  readonly syntax: string | undefined;
  /** The frontend is no Dockerfile frontend: what it reads cannot be known, and `stages` is empty. */
  readonly isForeign: boolean;
  readonly escape: "\\" | "`";
  /** `ARG` before the first `FROM`, in order. */
  readonly globalArgs: readonly GlobalArg[];
  readonly stages: readonly Stage[];
  readonly layout: LineLayout;
}

/** Where the parts of a file lie. Lines are counted from 1. */
export interface LineLayout {
  /** The last line of each instruction, here-documents included, by its first line. */
  readonly lastLines: ReadonlyMap<number, number>;
  /** Comment lines between the first and the last line of an instruction. */
  readonly innerComments: ReadonlySet<number>;
  /** Lines at the top that direct the parser: `# escape=`, `# syntax=`, `# check=`, and a `#!` line before them. */
  readonly directives: ReadonlySet<number>;
}

export interface DockerfileOptions {
  /** Undefined: the last stage. */
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, string>>;
  readonly platform: Platform;
  /** What `BUILDPLATFORM` is. */
  readonly buildPlatform: Platform;
  /** Names of named contexts, which stand in for stages and images of that name. */
  readonly contexts: ReadonlySet<string>;
}

/** An image from outside, by the reference as written, after expansion, and the platform it is resolved for. */
export interface BaseUse {
  readonly reference: string;
  readonly platform: Platform;
  /** It is a stage's `FROM`: its `ENV` and `ONBUILD` count. */
  readonly startsStage: boolean;
}

/** A named context that is used, by the name it was given under, and the platform that an image in its place is resolved for. */
export interface ContextUse {
  readonly name: string;
  readonly platform: Platform;
  readonly startsStage: boolean;
}

/** Where a stage begins. */
export type StageBase =
  | { readonly kind: "scratch" }
  | { readonly kind: "stage"; readonly index: number }
  | { readonly kind: "image"; readonly reference: string }
  /** `replaces`: the context stands in for the whole stage, whose instructions are then not used. */
  | { readonly kind: "context"; readonly name: string; readonly replaces: "stage" | "base" };

export interface ResolvedStage {
  readonly stage: Stage;
  readonly base: StageBase;
  readonly platform: Platform;
}

export interface ResolvedBuild {
  readonly dockerfile: Dockerfile;
  readonly options: DockerfileOptions;
  /** What the target needs and the target itself, in the order of the file. */
  readonly stages: readonly ResolvedStage[];
  /** Every image from outside that `FROM`, `COPY --from` or `RUN --mount from=` reaches; `scratch` is none. */
  readonly bases: readonly BaseUse[];
  /** Names of the named contexts that are used, sorted. */
  readonly contexts: readonly string[];
  readonly contextUses: readonly ContextUse[];
  /** The frontend that reads the file: the build arg `BUILDKIT_SYNTAX`, else `# syntax=`. Undefined: BuildKit's own. */
  readonly frontend: string | undefined;
}

/** What counts of a base image's configuration. */
export interface BaseConfig {
  readonly env: Readonly<Record<string, string>>;
  readonly onBuild: readonly string[];
}

/**
 * Files that one instruction reads from the build context or a named context. `makeRootMatcher` and `makeContentMatcher` say which.
 *
 * Symlinks: a link that a source passes through or ends at is followed inside the context, absolute targets from its
 * root; so is a link that a pattern matches. Links below a folder that is read are taken as links.
 */
export interface FileRead {
  readonly from: { readonly kind: "context" } | { readonly kind: "named"; readonly name: string };
  readonly instruction: "COPY" | "ADD" | "RUN" | "FROM";
  readonly line: number;
  /** Clean paths relative to the root of the context, `.` for all of it. With `parents`, a pivot is kept: `base/./pattern`. */
  readonly sources: readonly string[];
  /** Whether `*`, `?` and `[` are patterns. A pattern that matches nothing is no fault; a plain path that is not there is one. */
  readonly wildcards: boolean;
  /** Patterns as in an ignore file, relative to each source folder; a source that is a file is never excluded. */
  readonly exclude: readonly string[];
  /** Sources are patterns as in an ignore file (with `**`), relative to the pivot. */
  readonly parents: boolean;
}

export interface BuildReads {
  readonly reads: readonly FileRead[];
  /** One line each; with the args, the bases and contexts by digest and the platform, they decide the build. */
  readonly instructions: readonly string[];
  /** The first lines of the file's instructions that count. `all`: what another frontend reads is not known. */
  readonly countedLines: ReadonlySet<number> | "all";
  /** Args that count: declared in a reachable stage, used by a `FROM`, or read by BuildKit itself; only those with a value. */
  readonly args: Readonly<Record<string, string>>;
  /** `BuildOptions.buildPlatform` decides something, and so belongs into the fingerprint. */
  readonly usesBuildPlatform: boolean;
  /** Why no fingerprint can vouch for the build; empty when one can. */
  readonly volatile: readonly string[];
  /** The platforms of the stages that have a RUN, sorted; none is known of another frontend. */
  readonly runsOn: readonly Platform[];
  /** Images the given configurations do not cover: to be resolved before `readBuild` is called again. */
  readonly moreBases: readonly BaseUse[];
  /** Named contexts that only `ONBUILD` instructions reach and that have no configuration under their name yet. */
  readonly moreContexts: readonly string[];
  /** All that are used, those included. */
  readonly contextUses: readonly ContextUse[];
}

/** The key of a base in the map that `readBuild` takes. */
export function baseKey(base: { readonly reference: string; readonly platform: Platform }): string {
  return `${base.reference}|${base.platform}`;
}
