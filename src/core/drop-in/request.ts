import type { Emit } from "../../event.ts";
import type { ReadRun } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import type { Digest } from "../../model/digest.ts";
import type { Fingerprint } from "../../model/inputs.ts";
import type { ImageName } from "../../model/reference.ts";
import type { Registry } from "../../registry/registry.ts";
import type { PendingRecord } from "./record-build.ts";

/** What a drop-in build works with. */
export interface DropInContext {
  readonly host: Host;
  readonly emit: Emit;
  readonly run: ReadRun;
  readonly registry: Registry;
  readonly runBuild: RunCallersBuild;
  /**
   * Whether a build may run on the files that were read and no others: only where `said` is given, to tell a file that is missing there.
   * Default: it may.
   */
  readonly mayStage?: boolean;
}

/**
 * Runs buildx as the caller would have, with its input and output: a door's own, since it knows where they go. `args` begin with `build`;
 * `env` is added to the caller's environment.
 */
export type RunCallersBuild = (
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
) => Promise<CallersBuild>;

/** How the caller's build ended. */
export interface CallersBuild {
  readonly exitCode: number;
  /** The last lines of its standard error; undefined where they went straight to a terminal. */
  readonly said: readonly string[] | undefined;
}

/** One `docker buildx build`, to be built only if nothing published is the same. */
export interface DropInRequest {
  /** What follows `build`. */
  readonly argv: readonly string[];
  /** Absolute; relative paths of the arguments start here. */
  readonly cwd: string;
  readonly options: DropInOptions;
  /** Images of other targets that this one links to, `name@sha256:…` by the target's name. */
  readonly links?: Readonly<Record<string, string>>;
}

/** What a drop-in build is asked for beside the caller's arguments. */
export interface DropInOptions {
  /** `report`: everything is built, and compared with what would have been reused. */
  readonly reuse: "on" | "report" | "off";
  /** Where the fingerprints of images are kept: beside them, nowhere, or under another image name. */
  readonly fingerprints: "same" | "off" | ImageName;
  /** Age from which an image is built anew, in milliseconds. */
  readonly refresh: number;
  /** `hold`: a base that moved is no reason to build. */
  readonly bases: "follow" | "hold";
  /** Build args that are as good with any value. */
  readonly stamp: readonly string[];
  /** Whether a tag stays where it is if it was moved there for a later commit. */
  readonly protectTags: boolean;
}

/** What became of a drop-in build. */
export interface DropInResult {
  readonly kind: "built" | "reused";
  /** One line, which names the input that decided. */
  readonly because: string;
  /** Null: the inputs are not known, so nothing was looked for and nothing is recorded. */
  readonly fingerprint: Fingerprint | null;
  /** As `--iidfile` has it; undefined where nothing was built or found. */
  readonly imageId: string | undefined;
  /** Of what the tags point at; undefined where nothing was pushed. */
  readonly digest: Digest | undefined;
  /** What `--metadata-file` says, as buildx writes it. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Of buildx, where it was run; else 0. */
  readonly exitCode: number;
  /** Build seconds that were saved, as the image's record has them; null where nothing was, or that is not known. */
  readonly savedSeconds: number | null;
  /** Build args whose value is of this run alone, so that nothing is ever reused: for `stamp`. */
  readonly spoiledBy: readonly string[];
  /** Record of an image that was built and not pushed, for `recordPushed` once it is; null: none is to be written. Plain JSON. */
  readonly pending: PendingRecord | null;
  /** Under `reuse: report`: what would have been reused, and whether a container sees the same; null: nothing would have been. */
  readonly wouldReuse?: { readonly digest: Digest; readonly isSameContent: boolean } | null;
}

/** The options of a door that was given none. */
export const defaultDropInOptions: DropInOptions = {
  reuse: "on",
  fingerprints: "same",
  refresh: 30 * 86_400_000,
  bases: "follow",
  stamp: [],
  protectTags: false,
};
