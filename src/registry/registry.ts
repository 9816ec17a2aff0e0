import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import { type Digest, digestOf } from "../model/digest.ts";
import type { Descriptor, RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import { makeAuthorizer } from "./authorizer.ts";
import { type BlobToRead, getBlob, hasBlob, readBlob } from "./blobs.ts";
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
import { ensureListed, listReferrers, readReferrer } from "./referrers.ts";
import { hasReferrersApi } from "./referrers-api.ts";
import { defaultTries } from "./retry.ts";
import { listTags } from "./tags.ts";
import { makeTransport } from "./transport.ts";
import { makeWriteQueue } from "./write-queue.ts";
import { type OpenedUpload, openUpload } from "./opened-upload.ts";
import { makeUploader } from "./uploader.ts";
import { type BlobContent, type PutBlobOptions, type Upload, mountBlob, putBlob, sourceOf } from "./upload.ts";
import { type Timeouts, makeWire } from "./wire.ts";

export type { ManifestContent, ManifestHead } from "./manifests.ts";
export type { BlobContent, Upload } from "./upload.ts";
export type { Mirrors } from "./endpoint.ts";

/**
 * A client for every registry that image names point to. Source: OCI distribution-spec 1.1.
 * Every method throws SlipwayError and names the image: `credentials` for 401 and 403, `unavailable` for a transient fault (after retries)
 * and for an invalid answer, `refused` for bytes that do not match their digest, `interrupted` when a signal is aborted.
 */
export interface Registry {
  /** Reads a manifest and verifies its digest. `reference`: a tag or a digest. Undefined: it does not exist. */
  getManifest(name: ImageName, reference: string, signal?: AbortSignal): Promise<RawManifest | undefined>;
  headManifest(name: ImageName, reference: string, signal?: AbortSignal): Promise<ManifestHead | undefined>;
  /** Pushes a manifest byte for byte. One with a subject is also added to the fallback index, unless the registry then lists it as a referrer. */
  putManifest(name: ImageName, reference: string, manifest: ManifestContent, signal?: AbortSignal): Promise<Digest>;
  /** Deletes a manifest; false: it did not exist. */
  deleteManifest(name: ImageName, reference: string, signal?: AbortSignal): Promise<boolean>;
  /** Lists all tags, over all pages; empty for a name without images. */
  listTags(name: ImageName, signal?: AbortSignal): Promise<readonly string[]>;
  listReferrers(
    name: ImageName,
    digest: Digest,
    artifactType?: string,
    signal?: AbortSignal,
  ): Promise<readonly Descriptor[]>;
  /** Whether the registry of a name has the referrers API. */
  hasReferrersApi(name: ImageName, signal?: AbortSignal): Promise<boolean>;
  /** Reads a whole blob and verifies its digest; throws `refused` if it is longer than its descriptor says. */
  getBlob(name: ImageName, blob: BlobToRead, signal?: AbortSignal): Promise<Uint8Array>;
  /** Streams a blob of any size; the last chunk comes only after its digest is verified. */
  streamBlob(name: ImageName, blob: BlobToRead, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  hasBlob(name: ImageName, digest: Digest, signal?: AbortSignal): Promise<boolean>;
  /** Pushes a blob, unless the registry has it already. */
  putBlob(name: ImageName, content: BlobContent, signal?: AbortSignal): Promise<Upload>;
  /** Pushes a blob that cannot exist yet, such as a document with its time. Saves the round trip of looking it up. */
  putNewBlob(name: ImageName, content: Uint8Array, signal?: AbortSignal): Promise<Upload>;
  /** Starts an upload of a new blob whose content is not known yet. The caller finishes or closes it. */
  openUpload(name: ImageName, signal?: AbortSignal): OpenedUpload;
  /** Mounts a blob from another name; false: the registry does not support it. */
  mountBlob(name: ImageName, digest: Digest, from: ImageName, signal?: AbortSignal): Promise<boolean>;
  /** Checks push permission. Throws what a push would throw, such as `credentials`. Leaves nothing in the registry. */
  checkPush(name: ImageName, signal?: AbortSignal): Promise<void>;
  /** Copies a blob: mounts it if possible, else streams it. `size`: in bytes, by its descriptor. */
  copyBlob(from: ImageName, to: ImageName, content: Upload, signal?: AbortSignal): Promise<void>;
  /** Copies a manifest or index with all its content, children before parents. Moves no tag. */
  copyManifestTree(from: ImageName, digest: Digest, to: ImageName, signal?: AbortSignal): Promise<RawManifest>;
  /**
   * The same reads, but mirrors are tried first. Only for third-party images, because a mirror may not have what this release just pushed.
   */
  readonly mirrored: Pick<Registry, "getManifest" | "getBlob">;
  /** Requests and bytes so far, token requests and retries included. */
  stats(): RegistryStats;
}

/** Counts since the client was made. */
export interface RegistryStats {
  readonly requests: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** Options of a registry client; the defaults suit most registries. */
export interface RegistryOptions {
  /** Receives an event for every wait longer than a second. */
  readonly emit?: Emit;
  /** Mirrors that `mirrored` tries before the registry itself. Default: `SLIPWAY_REGISTRY_MIRRORS`. */
  readonly mirrors?: Mirrors;
  /** Number of parallel requests to one registry; 8 after a rate limit. Default: 64. */
  readonly concurrency?: number;
  /** Number of tries of one request. Default: 7. */
  readonly tries?: number;
  /** Timeouts. Default: 30 s each. */
  readonly timeouts?: Partial<Timeouts>;
  /** Size in bytes above which a blob is pushed in chunks, and the size of a chunk. Default: what the registry is known to accept. */
  readonly chunkBytes?: number;
}

/** Makes a registry client. It reads the configuration and contacts a registry only at the first request. */
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
    // A copy within one registry reads and writes at the same time.
    concurrency: Math.max(2, options.concurrency ?? 64),
    tries: options.tries ?? defaultTries,
    emit: options.emit,
  });
  const turns = makeWriteQueue(host);

  const put: Registry["putManifest"] = async (name, reference, manifest, signal) => {
    const referrer = readReferrer(manifest);
    if (referrer === undefined) return (await putManifest(transport, { name, reference, signal }, manifest)).digest;
    // olareg and others keep their list of a subject's referrers by read and write, so of two parallel pushes one entry would be lost.
    return turns.take(name, referrer.subject, signal, async () => {
      const { digest, isSubjectKnown } = await putManifest(transport, { name, reference, signal }, manifest);
      await ensureListed(transport, name, referrer, { isSubjectKnown, signal });
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
    hasReferrersApi: (name, signal) => hasReferrersApi(transport, name, signal),
    getBlob: (name, blob, signal) => getBlob(transport, name, blob, { signal }),
    streamBlob: (name, blob, signal) => readBlob(transport, name, blob, { signal }),
    hasBlob: (name, digest, signal) => hasBlob(transport, name, digest, { signal }),
    putBlob: (name, content, signal) => push(name, content, { signal }),
    putNewBlob: (name, content, signal) => push(name, content, { signal, isNew: true }),
    openUpload: (name, signal) =>
      openUpload(makeUploader(transport, name, digestOf(new Uint8Array()), signal), (content, session) =>
        push(name, content, { signal, isNew: true, session }),
      ),
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
