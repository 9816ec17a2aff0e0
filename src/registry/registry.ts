import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import type { Digest } from "../model/digest.ts";
import type { Descriptor, RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import { makeAuthorizer } from "./authorizer.ts";
import { type BlobToRead, getBlob, hasBlob } from "./blobs.ts";
import { checkPush } from "./check-push.ts";
import { makeCopier } from "./copy.ts";
import { makeFindCredentials } from "./docker-config.ts";
import { insecureRegistries, type Mirrors, makeEndpoints, parseMirrors } from "./endpoint.ts";
import {
  type ManifestContent,
  type ManifestHead,
  deleteManifest,
  getManifest,
  headManifest,
  putManifest,
} from "./manifests.ts";
import { addToFallback, listReferrers, readReferrer } from "./referrers.ts";
import { defaultTries } from "./retry.ts";
import { listTags } from "./tags.ts";
import { makeTransport } from "./transport.ts";
import { makeTurns } from "./turns.ts";
import { type BlobContent, type PutBlobOptions, type Upload, mountBlob, putBlob, sourceOf } from "./upload.ts";
import { type Timeouts, makeWire } from "./wire.ts";

export type { ManifestContent, ManifestHead } from "./manifests.ts";
export type { BlobContent, Upload } from "./upload.ts";
export type { Mirrors } from "./endpoint.ts";

/**
 * A client for every registry that image names point to. Source: OCI distribution-spec 1.1.
 *
 * Every method throws SlipwayError and names the image: `credentials` for 401 and 403, `unavailable` for what may pass
 * (after further tries) and for answers that are none of a registry's, `refused` for bytes that do not match their digest,
 * `interrupted` when a signal was aborted.
 */
export interface Registry {
  /** `reference` is a tag or a digest. Undefined when it is not there. The digest is computed over the bytes and compared. */
  getManifest(name: ImageName, reference: string, signal?: AbortSignal): Promise<RawManifest | undefined>;
  headManifest(name: ImageName, reference: string, signal?: AbortSignal): Promise<ManifestHead | undefined>;
  /** Byte for byte. Where the registry has no referrers API, a manifest with a subject is listed in the fallback index. */
  putManifest(name: ImageName, reference: string, manifest: ManifestContent, signal?: AbortSignal): Promise<Digest>;
  /** False when it was not there. */
  deleteManifest(name: ImageName, reference: string, signal?: AbortSignal): Promise<boolean>;
  /** All pages; none for a name that nothing was pushed to. */
  listTags(name: ImageName, signal?: AbortSignal): Promise<readonly string[]>;
  listReferrers(
    name: ImageName,
    digest: Digest,
    artifactType?: string,
    signal?: AbortSignal,
  ): Promise<readonly Descriptor[]>;
  /** The whole blob, verified; `refused` when it is longer than its descriptor says. */
  getBlob(name: ImageName, blob: BlobToRead, signal?: AbortSignal): Promise<Uint8Array>;
  hasBlob(name: ImageName, digest: Digest, signal?: AbortSignal): Promise<boolean>;
  /** Sends nothing that is there already. */
  putBlob(name: ImageName, content: BlobContent, signal?: AbortSignal): Promise<Upload>;
  /** The same for what is there at no name yet, such as a document with its time: it is not looked for, which saves a step. */
  putNewBlob(name: ImageName, content: Uint8Array, signal?: AbortSignal): Promise<Upload>;
  /** False when the registry does not do it. */
  mountBlob(name: ImageName, digest: Digest, from: ImageName, signal?: AbortSignal): Promise<boolean>;
  /** Throws what a push would throw: `credentials` without the permission. Leaves nothing behind. */
  checkPush(name: ImageName, signal?: AbortSignal): Promise<void>;
  /** Mounts where it can, streams otherwise. `size` in bytes, as its descriptor says. */
  copyBlob(from: ImageName, to: ImageName, content: Upload, signal?: AbortSignal): Promise<void>;
  /** A manifest or index with everything under it, children before parents; no tag moves. */
  copyManifestTree(from: ImageName, digest: Digest, to: ImageName, signal?: AbortSignal): Promise<RawManifest>;
  /** The same with mirrors asked first, for images of others: what a release reads of its own, a mirror may know too late. */
  readonly mirrored: Pick<Registry, "getManifest" | "getBlob">;
  /** What went over the wire so far, token requests and further tries included. */
  stats(): RegistryStats;
}

/** Counted from when the client was made. */
export interface RegistryStats {
  readonly requests: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** What differs from what suits most registries. */
export interface RegistryOptions {
  /** Hears of waits longer than a second. */
  readonly emit?: Emit;
  /** Asked before the registry itself by `mirrored`. Default: `SLIPWAY_REGISTRY_MIRRORS`. */
  readonly mirrors?: Mirrors;
  /** Requests to one registry at a time, until it asks for patience: then 8. Default 64. */
  readonly concurrency?: number;
  /** Tries of one request. Default 7. */
  readonly tries?: number;
  /** Default 30 s each. */
  readonly timeouts?: Partial<Timeouts>;
  /** Blobs larger than this go up in chunks of this size. Default: what the registry is known to take. */
  readonly chunkBytes?: number;
}

/** Nothing is read or asked before the first request. */
export function makeRegistry(host: Host, options: RegistryOptions = {}): Registry {
  const { env } = host;
  const wire = makeWire(host, { answerMs: 30_000, stallMs: 30_000, ...options.timeouts });
  const mirrors = options.mirrors ?? parseMirrors(env["SLIPWAY_REGISTRY_MIRRORS"] ?? "");
  const insecure = insecureRegistries(env);
  const transport = makeTransport({
    host,
    wire,
    authorizer: makeAuthorizer(host, wire, makeFindCredentials(host), insecure),
    endpoints: makeEndpoints(mirrors, insecure),
    // A copy within one registry reads and writes at once.
    concurrency: Math.max(2, options.concurrency ?? 64),
    tries: options.tries ?? defaultTries,
    emit: options.emit,
  });
  const turns = makeTurns(host);

  const put: Registry["putManifest"] = async (name, reference, manifest, signal) => {
    const referrer = readReferrer(manifest);
    if (referrer === undefined) return (await putManifest(transport, { name, reference, signal }, manifest)).digest;
    // olareg and the like read and write their own list of a subject's referrers as clients do: of two at once one is lost.
    return turns.take(name, referrer.subject, signal, async () => {
      const { digest, isSubjectKnown } = await putManifest(transport, { name, reference, signal }, manifest);
      if (!isSubjectKnown) await addToFallback(transport, name, referrer, signal);
      return digest;
    });
  };
  const push = (name: ImageName, content: BlobContent, how: PutBlobOptions): Promise<Upload> => {
    const source = sourceOf(content);
    const { chunkBytes } = options;
    return turns.take(name, source.digest, how.signal, () => putBlob(transport, name, source, { chunkBytes, ...how }));
  };
  const copier = makeCopier(host, transport, turns, put);

  return {
    getManifest: (name, reference, signal) => getManifest(transport, name, reference, { signal }),
    headManifest: (name, reference, signal) => headManifest(transport, name, reference, { signal }),
    putManifest: put,
    deleteManifest: (name, reference, signal) => deleteManifest(transport, name, reference, signal),
    listTags: (name, signal) => listTags(transport, name, signal),
    listReferrers: (name, digest, artifactType, signal) =>
      listReferrers(transport, { name, digest, artifactType, signal }),
    getBlob: (name, blob, signal) => getBlob(transport, name, blob, { signal }),
    hasBlob: (name, digest, signal) => hasBlob(transport, name, digest, { signal }),
    putBlob: (name, content, signal) => push(name, content, { signal }),
    putNewBlob: (name, content, signal) => push(name, content, { signal, isNew: true }),
    mountBlob: (name, digest, from, signal) =>
      turns.take(name, digest, signal, () => mountBlob(transport, { name, digest, from, signal })),
    checkPush: (name, signal) => checkPush(transport, name, signal),
    copyBlob: (from, to, content, signal) => copier.copyBlob(from, to, content, signal),
    copyManifestTree: (from, digest, to, signal) => copier.copyManifestTree(from, digest, to, signal),
    mirrored: {
      getManifest: (name, reference, signal) => getManifest(transport, name, reference, { signal, isMirrored: true }),
      getBlob: (name, blob, signal) => getBlob(transport, name, blob, { signal, isMirrored: true }),
    },
    stats: () => ({ ...wire.counts }),
  };
}
