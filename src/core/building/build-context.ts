import type { CachedBuild } from "../../cache/upload-limit.ts";
import type { ReadInputs } from "../../inputs/inputs.ts";
import type { Platform } from "../../model/platform.ts";
import type { CacheSetting, Service } from "../../model/service.ts";
import type { ReuseProver } from "../attesting/prove-reuse.ts";
import type { Attester } from "../attesting/attester.ts";
import type { Destination } from "../planning/destination.ts";
import type { Attestations } from "./attestations.ts";
import type { BuildEnvironment } from "./environment.ts";
import type { ReleaseHistory } from "../planning/release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Settings and state that all builds of one command share. */
export interface BuildContext {
  readonly workspace: Workspace;
  readonly environment: BuildEnvironment;
  readonly history: ReleaseHistory;
  readonly destination: Destination;
  readonly attestations: Attestations;
  /** Names of the services that other services start from or wait for. Their images must be kept, on disk at least. */
  readonly startedFrom: ReadonlySet<string>;
  /** Number of solves that may run at the same time. */
  readonly parallel: number;
  /** Cache setting of the command; undefined: each service's own setting. */
  readonly cache: CacheSetting | undefined;
  readonly builder: string | undefined;
  /** Name of this run, which keeps its temporary tags apart from those of other runs. */
  readonly run: string;
  /** Name of the one service that writes the cache scope that all services read; undefined: no service writes it. */
  readonly writesShared: string | undefined;
  /** All builds of this run, those in other jobs included, because GitHub limits how much cache a repository may upload per minute. */
  readonly builds: readonly CachedBuild[];
  /** Signs what is built; undefined: the run does not sign. */
  readonly attester: Attester | undefined;
  /** Decides whether an image that another run published may be taken; undefined: any may. */
  readonly prover: ReuseProver | undefined;
  /** Version for the images' labels; undefined: unknown, or a release of a branch. */
  readonly version: string | undefined;
}

/** One platform of a service to build. */
export interface PlatformBuild {
  readonly service: Service;
  readonly platform: Platform;
  readonly read: ReadInputs;
  /** Whether the built image replaces the image that is published under the same inputs. */
  readonly replaces: boolean;
}
