import type { Digest } from "../../model/digest.ts";
import { type Gate, type MemoryAuth, makeGate } from "./memory-auth.ts";
import { type Delivery, type InjectedFault, deliverUnder } from "./memory-fault.ts";
import { type MemoryRequest, type Target, targetOf } from "./memory-message.ts";
import { type Abilities, answerRequest } from "./memory-protocol.ts";
import { type Snapshot, type Store, makeStore, removeManifest } from "./memory-store.ts";
import { type Listening, listenOnLoopback, makeFetchInMemory } from "./memory-transport.ts";

export type { MemoryAuth } from "./memory-auth.ts";
export type { InjectedFault } from "./memory-fault.ts";
export type { Snapshot } from "./memory-store.ts";
export { joinFetches } from "./memory-transport.ts";

/** A received request, for fault rules and assertions. */
export interface LoggedRequest {
  readonly method: string;
  readonly url: string;
  /** Kind of the request: `ping`, `token`, `manifest`, `blob`, `upload`, `tags`, `referrers`, `storage`, `other`. */
  readonly kind: Target["kind"];
  readonly repository: string | undefined;
  /** Tag, digest or upload session. */
  readonly reference: string | undefined;
  readonly authorization: "none" | "basic" | "bearer";
  readonly bytes: number;
  /** Number of earlier requests of this method to this path. */
  readonly nth: number;
}

export interface RegistryInMemoryOptions extends Partial<Abilities> {
  readonly auth?: MemoryAuth;
  /** Rule that injects faults into requests; `setFaults` replaces it. */
  readonly faults?: FaultRule;
  /** Clock for expiring tokens, in milliseconds. Default: tokens do not expire by time. */
  readonly now?: () => number;
}

export type FaultRule = (request: LoggedRequest) => InjectedFault | undefined;

/** A complete registry in this process, reached by `fetch` without a socket or on a loopback port. */
export interface RegistryInMemory {
  /** Answers requests for every host. `joinFetches` gives each host its own registry. */
  readonly fetch: typeof globalThis.fetch;
  /** Serves HTTP on a free port of 127.0.0.1. */
  listen(): Promise<Listening>;
  /** All requests so far, in order. */
  readonly log: readonly LoggedRequest[];
  clearLog(): void;
  /** Number of requests so far with these fields, such as `count({ method: "PUT", kind: "manifest" })`. */
  count(like: Partial<LoggedRequest>): number;
  snapshot(): Snapshot;
  setFaults(rule: FaultRule | undefined): void;
  /** Invalidates all issued tokens. */
  expireTokens(): void;
  /** Replaces the bytes under a digest, as a broken or hostile registry would. */
  alterManifest(repository: string, digest: Digest, bytes: Uint8Array): void;
  alterBlob(repository: string, digest: Digest, bytes: Uint8Array): void;
  /** Removes a manifest and the tags that point to it. */
  deleteManifest(repository: string, digest: Digest): boolean;
  /** Points a tag to a digest, as another writer would. */
  setTag(repository: string, tag: string, digest: Digest): void;
}

const spec: Abilities = {
  referrers: "on",
  sendsDigests: true,
  deletes: true,
  deletesTags: true,
  mounts: true,
  ranges: true,
  uploadStates: false,
  validates: true,
  tagsPerPage: Infinity,
  tagsLink: "relative",
  redirectBlobsTo: undefined,
  mostChunkBytes: Infinity,
};

/** Abilities of Debian's docker-registry 2.8. */
export const dockerRegistryAbilities: Partial<Abilities> = {
  referrers: "off",
  deletesTags: false,
  uploadStates: true,
};

/** Makes a registry in memory. Default: supports everything in distribution-spec 1.1 for every user, without faults. */
export function makeRegistryInMemory(options: RegistryInMemoryOptions = {}): RegistryInMemory {
  const abilities: Abilities = { ...spec, ...options };
  const store = makeStore();
  const gate = makeGate(options.auth ?? { kind: "none" }, options.now ?? (() => 0));
  const log: LoggedRequest[] = [];
  const seen = new Map<string, number>();
  let rule = options.faults;

  const handle = (request: MemoryRequest): Delivery => {
    const target = targetOf(request.url);
    const key = `${request.method} ${request.url.pathname}`;
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    const logged = describeRequest(request, target, nth);
    log.push(logged);
    const fault = rule?.(logged);
    const staleReads = fault?.kind === "stale" ? fault.reads : 0;
    return deliverUnder(
      fault,
      () => perform(store, gate, abilities, request, target, staleReads),
      () => {
        gate.expireTokens();
        return gate.challenge(request, target, "invalid_token");
      },
    );
  };

  return {
    fetch: makeFetchInMemory(handle),
    listen: () => listenOnLoopback(handle),
    log,
    clearLog: () => log.splice(0),
    count: (like) => log.filter((entry) => isLike(entry, like)).length,
    snapshot: () => store.snapshot(),
    setFaults: (next) => {
      rule = next;
    },
    expireTokens: () => gate.expireTokens(),
    alterManifest(repository, digest, bytes) {
      const manifest = store.repository(repository).manifests.get(digest);
      if (manifest === undefined) throw new Error(`${repository}@${digest} is not there to be altered`);
      manifest.bytes = bytes;
    },
    alterBlob: (repository, digest, bytes) => void store.repository(repository).blobs.set(digest, bytes),
    deleteManifest: (repository, digest) => removeManifest(store.repository(repository), digest),
    setTag: (repository, tag, digest) => void store.repository(repository).tags.set(tag, digest),
  };
}

function perform(
  store: Store,
  gate: Gate,
  abilities: Abilities,
  request: MemoryRequest,
  target: Target,
  staleReads: number,
): ReturnType<typeof answerRequest> {
  if (target.kind === "token") return gate.giveToken(request);
  return gate.check(request, target) ?? answerRequest(store, abilities, request, target, staleReads);
}

function describeRequest(request: MemoryRequest, target: Target, nth: number): LoggedRequest {
  const authorization = request.headers["authorization"] ?? "";
  return {
    method: request.method,
    url: request.url.href,
    kind: target.kind,
    repository: "repository" in target ? target.repository : undefined,
    reference: "reference" in target ? target.reference : undefined,
    authorization: authorization === "" ? "none" : authorization.startsWith("Basic ") ? "basic" : "bearer",
    bytes: request.body.length,
    nth,
  };
}

function isLike(entry: LoggedRequest, like: Partial<LoggedRequest>): boolean {
  const fields = new Map<string, unknown>(Object.entries(entry));
  return Object.entries(like).every(([name, value]) => fields.get(name) === value);
}
