import type { BaseConfig } from "../dockerfile/syntax/dockerfile.ts";
import type { Digest } from "../model/digest.ts";
import type { InputFile } from "../model/inputs.ts";
import type { Platform } from "../model/platform.ts";
import type { Service } from "../model/service.ts";
import type { SourceTree } from "../source/tree/source-tree.ts";

/** An image as a build needs to know it. */
export interface PinnedBase {
  /** Of the platform's image manifest. */
  readonly digest: Digest;
  /** `name@sha256:…` as BuildKit is to be handed it; or where it lies on disk: `oci-layout:///folder@sha256:…`. */
  readonly pin: string;
  readonly config: BaseConfig;
}

/** Answers from outside the repository. Each may be asked the same thing several times. */
export interface Lookups {
  base(reference: string, platform: Platform): Promise<PinnedBase>;
  /** Another service's image; undefined: not known yet. */
  service(name: string, platform: Platform): PinnedBase | undefined;
  /** The commit that a git context names now. */
  gitCommit(url: string): Promise<string>;
}

export interface InputsRequest {
  readonly service: Service;
  readonly platform: Platform;
  readonly tree: SourceTree;
  /** `offline`: nothing is looked up, so there is no fingerprint; a base's `ENV` and `ONBUILD` are not known either. */
  readonly lookups: Lookups | "offline";
  /** Default: Linux on this machine's architecture. */
  readonly buildPlatform?: Platform;
  /** Proxies that the Docker client adds as build args where the service does not give them. Default: none. */
  readonly clientArgs?: Readonly<Record<string, string>>;
}

/** A folder that is handed to BuildKit: the build context (`name` is null) or a named one, with exactly these files. */
export interface ContextFiles {
  readonly name: string | null;
  /** Relative to the repository root; `.` is the root. */
  readonly root: string;
  readonly files: readonly InputFile[];
}
