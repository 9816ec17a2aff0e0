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
  /** Names of services that are built though nothing changed. */
  readonly forced: ReadonlySet<string>;
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
  readonly forced: ReadonlySet<string>;
  readonly plannedReasons?: ReadonlyMap<string, Reason> | undefined;
  /** What names outside of the repository stand for; default: what they stand for now. */
  readonly pins?: Pins | undefined;
  /** A pull request whose builds are pushed to a name of their own, and looked for there after what is released. */
  readonly preview?: number | undefined;
  readonly buildPlatformOf?: ((platform: Platform) => Platform | undefined) | undefined;
  /** Default: one of the observer's own. */
  readonly history?: ReleaseHistory | undefined;
}

/** An observer for one command: it remembers base images, git contexts and the release before. */
export function makeObserver(workspace: Workspace, request: ObserverRequest): Observer {
  const { forced, plannedReasons = new Map<string, Reason>(), preview, buildPlatformOf = () => undefined } = request;
  let proxies: Promise<Readonly<Record<string, string>>> | undefined;
  return {
    workspace,
    forced,
    plannedReasons,
    pins: makePinBook(workspace, request.pins),
    history: request.history ?? makeReleaseHistory(workspace),
    clientProxies: () => (proxies ??= readClientProxies(workspace.host)),
    storesOf: (service) =>
      preview === undefined ? [releasedStore(service)] : [releasedStore(service), previewStore(service, preview)],
    buildPlatformOf,
  };
}
