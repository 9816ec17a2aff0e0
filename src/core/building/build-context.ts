import type { CachedBuild } from "../../cache/upload-limit.ts";
import type { ReadInputs } from "../../inputs/inputs.ts";
import type { Platform } from "../../model/platform.ts";
import type { CacheSetting, Service } from "../../model/service.ts";
import type { Destination } from "../planning/destination.ts";
import type { BuildEnvironment } from "./environment.ts";
import type { ReleaseHistory } from "../planning/release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** What all builds of one command share. */
export interface BuildContext {
  readonly workspace: Workspace;
  readonly environment: BuildEnvironment;
  readonly history: ReleaseHistory;
  readonly destination: Destination;
  /** Names of the services that others start from or wait for: what they start from must be somewhere. */
  readonly startedFrom: ReadonlySet<string>;
  /** Builds at once. */
  readonly parallel: number;
  /** Undefined: as each service is configured. */
  readonly cache: CacheSetting | undefined;
  readonly builder: string | undefined;
  /** Sets the tags of this run apart from those of others. */
  readonly run: string;
  /** The one service whose cache goes to the scope that all services read. */
  readonly writesShared: string | undefined;
  /** All that this run builds, also in other jobs: GitHub's cache takes only so much a minute. */
  readonly builds: readonly CachedBuild[];
  /** For the images' labels; undefined: not known, or a branch's release. */
  readonly version: string | undefined;
}

/** One platform of a service to build. */
export interface PlatformBuild {
  readonly service: Service;
  readonly platform: Platform;
  readonly read: ReadInputs;
  /** It takes the place of what is published under the same inputs. */
  readonly replaces: boolean;
}
