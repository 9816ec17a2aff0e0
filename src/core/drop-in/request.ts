import type { Emit } from "../../event.ts";
import type { ReadRun } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import type { Digest } from "../../model/digest.ts";
import type { Fingerprint } from "../../model/inputs.ts";
import type { ImageName } from "../../model/reference.ts";
import type { Registry } from "../../registry/registry.ts";
import type { PendingRecord } from "./record-build.ts";

/** Clients and environment of a drop-in build. */
export interface DropInContext {
  readonly host: Host;
  readonly emit: Emit;
  readonly run: ReadRun;
  readonly registry: Registry;
  readonly runBuild: RunCallersBuild;
  /**
   * Whether a build may run on only the files that were read. That requires the caller to return `stderrLines`, in which a missing file is
   * detected. Default: true.
   */
  readonly mayStage?: boolean;
}

/**
 * Runs buildx as the caller would have, with the caller's input and output. `args` begin with `build`; `env` is added to the caller's
 * environment.
 */
export type RunCallersBuild = (
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
) => Promise<CallersBuild>;

/** End of the caller's build. */
export interface CallersBuild {
  readonly exitCode: number;
  /** Last lines of its standard error; undefined: they went straight to a terminal. */
  readonly stderrLines: readonly string[] | undefined;
}

/** One `docker buildx build` that is built only if no published image has the same inputs. */
export interface DropInRequest {
  /** Arguments after `build`. */
  readonly argv: readonly string[];
  /** Absolute working directory, which relative paths of the arguments refer to. */
  readonly cwd: string;
  readonly options: DropInOptions;
  /** Standard input, if the caller has read it: the Dockerfile of `--file -`. `runBuild` hands it on to buildx. */
  readonly stdin?: Uint8Array;
  /** References `name@sha256:…` of other targets' images that this one links to, by the target's name. */
  readonly links?: Readonly<Record<string, string>>;
}

/** Options of a drop-in build besides the caller's arguments. */
export interface DropInOptions {
  /** Whether to reuse images. `report`: build everything, and compare it with the image that would have been reused. */
  readonly reuse: "on" | "report" | "off";
  /** Store of the fingerprints: beside the images, nowhere, or under another image name. */
  readonly fingerprints: "same" | "off" | ImageName;
  /** Age in milliseconds from which an image is built again. */
  readonly refresh: number;
  /** `hold`: a base that moved is no reason to build. */
  readonly bases: "follow" | "hold";
  /** Names of build args whose values never cause a build. */
  readonly stamp: readonly string[];
  /** Whether a tag is kept if it was moved for a later commit. */
  readonly protectTags: boolean;
}

/** Result of a drop-in build. */
export interface DropInResult {
  readonly kind: "built" | "reused";
  /** Reason in one line, with the input that decided. */
  readonly because: string;
  /** Fingerprint of the inputs; null: they are unknown, so no record was looked for or written. */
  readonly fingerprint: Fingerprint | null;
  /** Image id as in `--iidfile`; undefined: no image was built or found. */
  readonly imageId: string | undefined;
  /** Digest that the tags point to; undefined: nothing was pushed. */
  readonly digest: Digest | undefined;
  /** Content of the `--metadata-file`, as buildx writes it. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Exit code of buildx, if it ran; else 0. */
  readonly exitCode: number;
  /** Build seconds that were saved, by the image's record; null: none, or unknown. */
  readonly savedSeconds: number | null;
  /** Names of build args whose value is different in every run, so that nothing can be reused; candidates for `stamp`. */
  readonly spoiledBy: readonly string[];
  /** Record of a built image that was not pushed, for `recordPushed` after the push; null: none is needed. Plain JSON. */
  readonly pending: PendingRecord | null;
  /** With `reuse: report`: the image that would have been reused, and whether the built one has the same content; null: none. */
  readonly wouldReuse?: { readonly digest: Digest; readonly isSameContent: boolean } | null;
}

/** Options of a caller that sets none. */
export const defaultDropInOptions: DropInOptions = {
  reuse: "on",
  fingerprints: "same",
  refresh: 30 * 86_400_000,
  bases: "follow",
  stamp: [],
  protectTags: false,
};
