import type { BaseConfig } from "../dockerfile/syntax/dockerfile.ts";
import type { Digest } from "../model/digest.ts";
import type { InputFile } from "../model/inputs.ts";
import type { Platform } from "../model/platform.ts";
import type { Service } from "../model/service.ts";
import type { SourceTree } from "../source/tree/source-tree.ts";

/** An image that a build starts from: its digest, pin and config. */
export interface PinnedBase {
  /** Digest of the platform's image manifest. */
  readonly digest: Digest;
  /** Value for `--build-context`: `name@sha256:…`, or an image on disk, `oci-layout:///folder@sha256:…`. */
  readonly pin: string;
  readonly config: BaseConfig;
}

/** Look-ups outside of the repository. A caller may repeat the same look-up. */
export interface Lookups {
  base(reference: string, platform: Platform): Promise<PinnedBase>;
  /** Another service's image; undefined: not known yet. */
  service(name: string, platform: Platform): PinnedBase | undefined;
  /** The current commit of a git context. */
  gitCommit(url: string): Promise<string>;
}

export interface InputsRequest {
  readonly service: Service;
  readonly platform: Platform;
  readonly tree: SourceTree;
  /** Look-ups. `offline`: nothing is looked up, so there is no fingerprint, and `ENV` and `ONBUILD` of bases are unknown. */
  readonly lookups: Lookups | "offline";
  /** Platform that the build runs on. Default: Linux on this machine's architecture. */
  readonly buildPlatform?: Platform;
  /** Proxies that the Docker client adds as build args, except where the service sets them. Default: none. */
  readonly clientArgs?: Readonly<Record<string, string>>;
}

/** The files of the build context (`name` is null) or of a named folder that BuildKit gets. */
export interface ContextFiles {
  readonly name: string | null;
  /** Path of the context relative to the repository root; `.` is the root. */
  readonly root: string;
  readonly files: readonly InputFile[];
}
