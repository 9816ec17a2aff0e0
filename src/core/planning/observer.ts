import type { PinnedBase } from "../../inputs/request.ts";
import type { Reason } from "../../model/plan.ts";
import type { Platform } from "../../model/platform.ts";
import type { Service } from "../../model/service.ts";
import { readClientProxies } from "../../registry/docker-config.ts";
import type { FingerprintStore } from "../../images/published.ts";
import { previewStore, releasedStore } from "./destination.ts";
import type { Pins } from "./parts.ts";
import { makePinBook, type PinBook } from "./pins.ts";
import { makeReleaseHistory, type ReleaseHistory } from "./release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Images of services, by name and platform, as services that start from them need them. */
export type KnownImages = ReadonlyMap<string, ReadonlyMap<Platform, PinnedBase>>;

/** What observations of one command share: what was asked for, and answers that are the same for all services. */
export interface Observer {
  readonly workspace: Workspace;
  /** Services that are built though nothing changed. `true`: all. */
  readonly force: readonly string[] | true;
  /** Why the run's plan builds services, where another job planned them. */
  readonly plannedReasons: ReadonlyMap<string, Reason>;
  readonly pins: PinBook;
  readonly history: ReleaseHistory;
  /** Proxies of the Docker client's configuration, as build args. */
  readonly clientProxies: () => Promise<Readonly<Record<string, string>>>;
  /** Where the published image of a service is looked for, in order. */
  readonly storesOf: (service: Service) => readonly FingerprintStore[];
  /** The platform that a build for `platform` runs on; undefined: this machine's. */
  readonly buildPlatformOf: (platform: Platform) => Platform | undefined;
}

/** What is asked of an observer. */
export interface ObserverRequest {
  /** Services that are built though nothing changed. `true`: all. Default: none. */
  readonly force?: readonly string[] | true;
  /** Why the plan of another job builds these. */
  readonly plannedReasons?: ReadonlyMap<string, Reason> | undefined;
  /** What names outside of the repository stand for; default: what they stand for now. */
  readonly pins?: Pins | undefined;
  /** A pull request whose builds are pushed to a name of their own, and looked for there after what is released. */
  readonly preview?: number | undefined;
  /** The platform that a build for `platform` runs on. Default: this machine's. */
  readonly buildPlatformOf?: ((platform: Platform) => Platform | undefined) | undefined;
  /** What was released before, where the command has read of it; default: it is read. */
  readonly history?: ReleaseHistory | undefined;
}

/** An observer for one command: it remembers base images, git contexts and the release before. */
export function makeObserver(workspace: Workspace, request: ObserverRequest = {}): Observer {
  const {
    force = [],
    plannedReasons = new Map<string, Reason>(),
    preview,
    buildPlatformOf = () => undefined,
  } = request;
  let proxies: Promise<Readonly<Record<string, string>>> | undefined;
  return {
    workspace,
    force,
    plannedReasons,
    pins: makePinBook(workspace, request.pins),
    history: request.history ?? makeReleaseHistory(workspace),
    clientProxies: () => (proxies ??= readClientProxies(workspace.host)),
    storesOf: (service) =>
      preview === undefined ? [releasedStore(service)] : [releasedStore(service), previewStore(service, preview)],
    buildPlatformOf,
  };
}
