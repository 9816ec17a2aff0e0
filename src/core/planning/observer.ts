import type { PinnedBase } from "../../inputs/request.ts";
import type { Reason } from "../../model/plan.ts";
import type { Fingerprint } from "../../model/inputs.ts";
import type { Platform } from "../../model/platform.ts";
import type { Service } from "../../model/service.ts";
import { readClientProxies } from "../../registry/docker-config.ts";
import { makeReuseProver, type ReuseProver } from "../attesting/prove-reuse.ts";
import type { FingerprintStore } from "../../images/published.ts";
import { previewStore, releasedStore } from "./destination.ts";
import type { Pins } from "./parts.ts";
import { type Expectations, makeExpectations } from "./expectations.ts";
import { makePinBook, type PinBook } from "./pins.ts";
import { makeReleaseHistory, type ReleaseHistory } from "./release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Images of services by name and platform, resolved for the services that start from them. */
export type KnownImages = ReadonlyMap<string, ReadonlyMap<Platform, PinnedBase>>;

/** State that all observations of one command share: the request, and answers that are the same for all services. */
export interface Observer {
  readonly workspace: Workspace;
  /** Names of services to build although nothing changed; `true`: all. */
  readonly force: readonly string[] | true;
  /** Reasons for which the run's plan builds services, if another job made the plan. */
  readonly plannedReasons: ReadonlyMap<string, Reason>;
  readonly pins: PinBook;
  /** Decides whether a published image may be reused; undefined: any may. */
  readonly prover: ReuseProver | undefined;
  readonly history: ReleaseHistory;
  /** What the records of the last releases let the command expect; undefined: it does not read them in any case. */
  readonly expectations: Expectations | undefined;
  /** Called with each fingerprint before it is looked for in the registry. */
  readonly onFingerprint: ((of: FingerprintOf) => void) | undefined;
  /** Proxies from the Docker client's configuration, as build args. */
  readonly clientProxies: () => Promise<Readonly<Record<string, string>>>;
  /** Stores to search for the published image of a service, in order. */
  readonly storesOf: (service: Service) => readonly FingerprintStore[];
  /** Returns the platform that a build for `platform` runs on; undefined: this machine's. */
  readonly buildPlatformOf: (platform: Platform) => Platform | undefined;
}

/** The fingerprint of one platform of a service. */
export interface FingerprintOf {
  readonly service: string;
  readonly platform: Platform;
  readonly fingerprint: Fingerprint;
}

/** Options of an observer. */
export interface ObserverRequest {
  /** Names of services to build although nothing changed; `true`: all. Default: none. */
  readonly force?: readonly string[] | true;
  /** Reasons for which another job's plan builds services. */
  readonly plannedReasons?: ReadonlyMap<string, Reason> | undefined;
  /** Digests and commits of external names; default: look them up. */
  readonly pins?: Pins | undefined;
  /** Number of a pull request. Its builds are pushed to the preview name, which is searched after the released one. */
  readonly preview?: number | undefined;
  /** Returns the platform that a build for `platform` runs on. Default: this machine's. */
  readonly buildPlatformOf?: ((platform: Platform) => Platform | undefined) | undefined;
  /** Release history that the command has read already; default: read it. */
  readonly history?: ReleaseHistory | undefined;
  /** Whether the command reads the last release in any case. Default: it does not. */
  readonly readsLastRelease?: boolean;
  readonly onFingerprint?: (of: FingerprintOf) => void;
}

/** Makes the observer of one command. It remembers base images, git contexts and the release history. */
export function makeObserver(workspace: Workspace, request: ObserverRequest = {}): Observer {
  const {
    force = [],
    plannedReasons = new Map<string, Reason>(),
    preview,
    buildPlatformOf = () => undefined,
  } = request;
  const history = request.history ?? makeReleaseHistory(workspace);
  const expectations = request.readsLastRelease === true ? makeExpectations(history) : undefined;
  let proxies: Promise<Readonly<Record<string, string>>> | undefined;
  return {
    workspace,
    force,
    plannedReasons,
    pins: makePinBook(workspace, request.pins, expectations),
    prover: makeReuseProver(workspace),
    history,
    expectations,
    onFingerprint: request.onFingerprint,
    clientProxies: () => (proxies ??= readClientProxies(workspace.host)),
    storesOf: (service) =>
      preview === undefined ? [releasedStore(service)] : [releasedStore(service), previewStore(service, preview)],
    buildPlatformOf,
  };
}
