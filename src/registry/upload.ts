import { isInterruption, SlipwayError } from "../errors.ts";
import { type Digest, digestOf } from "../model/digest.ts";
import { type ImageName, registryOf, repositoryOf } from "../model/reference.ts";
import { hasBlob } from "./blobs.ts";
import { type Fault, FaultError, describeFault, plainStatus, statusFault } from "./fault.ts";
import type { Transport } from "./transport.ts";
import type { Reply } from "./call.ts";
import { type Uploader, locationOf, makeUploader } from "./uploader.ts";
import { joinBytes } from "./wire.ts";

/** A blob that can be read from any offset, so that an interrupted upload can continue. */
export interface BlobSource {
  readonly digest: Digest;
  readonly size: number;
  open(offset: number): AsyncIterable<Uint8Array>;
}

/** A blob in memory, or one that is read while it is sent. */
export type BlobContent = Uint8Array | BlobSource;

/** A blob that the registry has. */
export interface Upload {
  readonly digest: Digest;
  readonly size: number;
}

/** Chunk size for GHCR, which answers 416 to a chunk of more than 4 MiB (seen in 2026). */
const ghcrChunkBytes = 4_000_000;
const defaultChunkBytes = 16 * 1024 * 1024;

/** Chunk size for a registry in bytes. A blob that is not larger is sent in one request. */
function chunkBytesFor(name: ImageName): number {
  return registryOf(name) === "ghcr.io" ? ghcrChunkBytes : defaultChunkBytes;
}

/** Options of pushing a blob. */
export interface PutBlobOptions {
  readonly chunkBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether to skip looking the blob up first. */
  readonly isNew?: boolean;
  /** Session that was started before the content was known. */
  readonly session?: URL | undefined;
}

/** Pushes a blob. Sends nothing if the registry has it, unless `isNew` skips that check. Source: distribution-spec, "Pushing blobs". */
export async function putBlob(
  transport: Transport,
  name: ImageName,
  source: BlobSource,
  options: PutBlobOptions = {},
): Promise<Upload> {
  const { digest, size } = source;
  const { signal, isNew = false } = options;
  if (!isNew && (await hasBlob(transport, name, digest, { signal, forPush: true }))) return { digest, size };
  const uploader = makeUploader(transport, name, digest, options.signal);
  const chunkBytes = options.chunkBytes ?? chunkBytesFor(name);
  if (options.session !== undefined && (await finishSession(uploader, options.session, source, chunkBytes))) {
    return { digest, size };
  }
  for (let sessions = 1; ; sessions++) {
    const outcome = await (size <= chunkBytes
      ? uploadWhole(uploader, source)
      : uploadChunks(uploader, source, chunkBytes));
    if (outcome === "done") return { digest, size };
    if (sessions >= mostSessions) {
      throw new SlipwayError(
        "registry-unavailable",
        `pushing ${name}@${digest}: the registry did not take the upload: ${describeFault(outcome)}, tried ${sessions} times`,
        { data: { registry: registryOf(name) } },
      );
    }
  }
}

/**
 * Pushes a blob into a session that was started earlier. False: the registry has dropped it meanwhile or does not answer, or the blob needs
 * chunks; another session is started then.
 */
async function finishSession(
  uploader: Uploader,
  session: URL,
  source: BlobSource,
  chunkBytes: number,
): Promise<boolean> {
  if (source.size > chunkBytes) {
    await uploader.cancel(session);
    return false;
  }
  try {
    return outcomeOf(await uploader.finish(session, await readAll(source), 1)) === "done";
  } catch (error) {
    if (isInterruption(error)) throw error;
    return false;
  }
}

/** Number of times that an upload is started again if the registry forgot it or assembled it wrongly. */
const mostSessions = 4;

/** A blob of another repository of the same registry, to be mounted. */
export interface MountedBlob {
  readonly name: ImageName;
  readonly digest: Digest;
  readonly from: ImageName;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Mounts a blob; false: the registry does not support it, so the blob must be uploaded. Source: distribution-spec, "Mounting a blob from
 * another repository".
 */
export async function mountBlob(transport: Transport, { name, digest, from, signal }: MountedBlob): Promise<boolean> {
  if (registryOf(name) !== registryOf(from)) return false;
  const query = `mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(repositoryOf(from))}`;
  const reply = await transport.call({
    doing: `mounting ${name}@${digest} from ${from}`,
    name,
    method: "POST",
    at: `blobs/uploads/?${query}`,
    actions: ["pull", "push"],
    from,
    body: new Uint8Array(),
    accept: [201, 202],
    signal,
  });
  if (reply.status === 201) return true;
  const session = locationOf(reply);
  if (session !== undefined) await makeUploader(transport, name, digest, signal).cancel(session);
  return false;
}

async function uploadWhole(uploader: Uploader, source: BlobSource): Promise<"done" | Fault> {
  const session = await uploader.start();
  const bytes = await readAll(source);
  const reply = await uploader.finish(session, bytes);
  return outcomeOf(reply);
}

/** Uploads a blob in chunks. After a fault, asks the registry for the received offset and continues from there. */
async function uploadChunks(uploader: Uploader, source: BlobSource, chunkBytes: number): Promise<"done" | Fault> {
  let session = await uploader.start();
  let offset = 0;
  let furthest = 0;
  let tries = 0;
  while (offset < source.size) {
    let isSending = false;
    try {
      for await (const chunk of inChunks(source.open(offset), chunkBytes)) {
        isSending = true;
        const reply = await uploader.send(session, chunk, offset, 1);
        if (reply.status === 404) return outcomeOf(reply);
        if (reply.status === 416) throw outOfStep();
        isSending = false;
        session = locationOf(reply) ?? session;
        offset += chunk.length;
      }
      if (offset < source.size) {
        const message = `${uploader.doing}: the source ended after ${offset} of ${source.size} bytes`;
        throw new SlipwayError("failed", message);
      }
    } catch (error) {
      // Faults of the source were retried by the source itself.
      if (!isSending) throw error;
      // If the registry has lost received bytes, repeating them is no progress.
      tries = offset > furthest ? 1 : tries + 1;
      furthest = Math.max(furthest, offset);
      await uploader.pause(tries, passingFault(error));
      const state = await uploader.ask(session);
      if (state === undefined) return forgotten;
      ({ session, offset } = state);
    }
  }
  const reply = await uploader.finish(session, new Uint8Array());
  return outcomeOf(reply);
}

/** The outcome of an upload; a fault means that it must be started again. */
function outcomeOf(reply: Reply | "done"): "done" | Fault {
  if (reply === "done" || reply.status === 201 || reply.status === 204) return "done";
  return statusFault(reply.status, new TextDecoder().decode(reply.bytes), (name) => reply.header(name), 0);
}

const forgotten = plainStatus(404, "the upload is no longer known");

function outOfStep(): FaultError {
  return new FaultError(plainStatus(416, "the chunk does not follow what the registry has"));
}

/** The fault that decides on a retry of a chunk. `send` makes a single try and wraps its fault in an error. */
function passingFault(error: unknown): unknown {
  const inner = error instanceof SlipwayError ? error.cause : error;
  if (!(inner instanceof FaultError)) return error;
  const { fault } = inner;
  if (fault.kind !== "status" || fault.status !== 416) return inner;
  return new FaultError({ kind: "connection", what: "broken", detail: "the upload is out of step" }, inner);
}

/** Makes a source of bytes in memory. */
export function sourceOf(content: BlobContent): BlobSource {
  if (!(content instanceof Uint8Array)) return content;
  return {
    digest: digestOf(content),
    size: content.length,
    open: async function* (offset) {
      yield await Promise.resolve(content.subarray(offset));
    },
  };
}

async function readAll(source: BlobSource): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of source.open(0)) {
    parts.push(part);
    length += part.length;
  }
  return joinBytes(parts, length);
}

/** Splits the bytes into chunks of one size; the last one may be smaller. */
async function* inChunks(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (let part of source) {
    while (length + part.length >= size) {
      const taken = part.subarray(0, size - length);
      yield joinBytes([...parts, taken], size);
      part = part.subarray(taken.length);
      parts = [];
      length = 0;
    }
    if (part.length > 0) parts.push(part);
    length += part.length;
  }
  if (length > 0) yield joinBytes(parts, length);
}
