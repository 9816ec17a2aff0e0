import { createHash } from "node:crypto";
import { isInterruption, SlipwayError } from "../errors.ts";
import type { Digest } from "../model/digest.ts";
import type { Descriptor } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Transport } from "./transport.ts";
import type { Call } from "./call.ts";
import { alteredHint, unreadableHint } from "./unreadable.ts";
import { joinBytes } from "./wire.ts";

/**
 * Whether the registry has a blob. `forPush`: request push permission too, because a push follows; one token then serves both. Source:
 * distribution-spec, "Checking if content exists in the registry".
 */
export async function hasBlob(
  transport: Transport,
  name: ImageName,
  digest: Digest,
  options: { signal?: AbortSignal | undefined; forPush?: boolean } = {},
): Promise<boolean> {
  const { signal, forPush = false } = options;
  const reply = await transport.call({
    doing: `looking up ${name}@${digest}`,
    name,
    method: "HEAD",
    at: `blobs/${digest}`,
    actions: forPush ? ["pull", "push"] : ["pull"],
    accept: [200, 404],
    signal,
  });
  return reply.status === 200;
}

/** Options of reading a blob. */
export interface BlobOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether to try mirrors first. */
  readonly isMirrored?: boolean;
}

/** Descriptor of a blob to read; at most `size` bytes are read. */
export type BlobToRead = Pick<Descriptor, "digest" | "size">;

/** Size limit of blobs that are read into memory: a config, a document, a layer to compare. */
const mostBytesInMemory = 64 * 1024 * 1024;

/** Reads a whole blob and verifies its digest. Ignores a mirror that is down or returns other bytes. */
export async function getBlob(
  transport: Transport,
  name: ImageName,
  blob: BlobToRead,
  { signal, isMirrored = false }: BlobOptions = {},
): Promise<Uint8Array> {
  if (blob.size > mostBytesInMemory) {
    const what = `its descriptor says ${blob.size} bytes; at most ${mostBytesInMemory} are read into memory`;
    throw new SlipwayError("content-too-large", `reading ${name}@${blob.digest}: ${what}`);
  }
  for (const mirror of isMirrored ? transport.endpoints.mirrorsOf(name) : []) {
    try {
      return await collect(readBlob(transport, name, blob, { signal, from: mirror, tries: 1 }));
    } catch (error) {
      if (isInterruption(error)) throw error;
    }
  }
  return collect(readBlob(transport, name, blob, { signal }));
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
  }
  return joinBytes(parts, length);
}

/** Options of streaming a blob. */
export interface ReadBlobOptions {
  /** Offset of the first byte to read; default: 0. */
  readonly offset?: number;
  /** Server to read from; default: the registry itself. */
  readonly from?: Endpoint;
  readonly tries?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Streams a blob. After a fault, requests the rest by `Range`; if the registry sends the whole blob again, skips the bytes that were read
 * already. Yields the last chunk only after the whole digest is verified. With an offset, the caller verifies the digest. Source:
 * distribution-spec, "Pulling blobs".
 */
export async function* readBlob(
  transport: Transport,
  name: ImageName,
  blob: BlobToRead,
  options: ReadBlobOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { offset: start = 0, from: endpoint = transport.endpoints.originOf(name) } = options;
  const hash = createHash("sha256");
  let offset = start;
  let held: Uint8Array | undefined;
  let tries = 0;
  let isPage = false;
  for (;;) {
    const call = blobCall(name, blob, offset, options);
    const before = offset;
    try {
      const answer = await transport.open(call, endpoint);
      try {
        if (answer.status === 404) throw missing(name, blob);
        isPage = (answer.header("content-type") ?? "").startsWith("text/html");
        let toSkip = answer.status === 206 ? 0 : offset;
        for await (const chunk of answer.status === 416 ? [] : answer.chunks()) {
          const rest = chunk.subarray(Math.min(toSkip, chunk.length));
          toSkip -= chunk.length - rest.length;
          if (rest.length === 0) continue;
          hash.update(rest);
          offset += rest.length;
          if (offset > blob.size) throw altered(call, isPage, `the registry gives more than its ${blob.size} bytes`);
          if (held !== undefined) yield held;
          held = rest;
        }
        break;
      } finally {
        answer.close();
      }
    } catch (error) {
      tries = offset - before >= progressOf(blob) ? 1 : tries + 1;
      await transport.again(call, endpoint, tries, error);
    }
  }
  const digest = `sha256:${hash.digest("hex")}`;
  if (start === 0 && digest !== blob.digest) {
    throw altered(blobCall(name, blob, 0, options), isPage, `the bytes have digest ${digest}`);
  }
  if (held !== undefined) yield held;
}

/** Bytes that a try must read to reset the count of tries. Without this minimum, a very slow registry would be retried forever. */
function progressOf({ size }: BlobToRead): number {
  return Math.max(1, Math.min(1024 * 1024, Math.ceil(size / 16)));
}

function blobCall(name: ImageName, { digest }: BlobToRead, offset: number, options: ReadBlobOptions): Call {
  const { signal, tries } = options;
  return {
    doing: `reading ${name}@${digest}`,
    name,
    method: "GET",
    at: `blobs/${digest}`,
    actions: ["pull"],
    headers: offset === 0 ? {} : { range: `bytes=${offset}-` },
    accept: offset === 0 ? [200, 404] : [200, 206, 404, 416],
    signal,
    ...(tries === undefined ? {} : { tries }),
  };
}

function altered({ doing }: Call, isPage: boolean, how: string): SlipwayError {
  if (isPage) {
    return new SlipwayError("registry-unreadable", `${doing}: the answer is a web page (text/html)`, {
      hint: unreadableHint,
    });
  }
  return new SlipwayError("content-altered", `${doing}: ${how}`, { hint: alteredHint });
}

function missing(name: ImageName, { digest }: BlobToRead): SlipwayError {
  return new SlipwayError("content-missing", `reading ${name}@${digest}: the registry has no such blob`);
}
