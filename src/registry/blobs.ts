import { createHash } from "node:crypto";
import { SlipwayError } from "../errors.ts";
import type { Digest } from "../model/digest.ts";
import type { ImageName } from "../model/reference.ts";
import type { Call, Transport } from "./transport.ts";
import { joinBytes } from "./wire.ts";

/**
 * Distribution-spec, "Checking if content exists in the registry". Whoever is about to write says so with `forPush`:
 * it is looked up with the rights that are needed next.
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

/** How a blob is read. */
export interface BlobOptions {
  readonly signal?: AbortSignal | undefined;
  /** Mirrors are asked first. */
  readonly isMirrored?: boolean;
}

/** The whole blob, verified. */
export async function getBlob(
  transport: Transport,
  name: ImageName,
  digest: Digest,
  options: BlobOptions = {},
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of readBlob(transport, name, digest, options)) {
    parts.push(chunk);
    length += chunk.length;
  }
  return joinBytes(parts, length);
}

/**
 * Distribution-spec, "Pulling blobs". The bytes as they come; after a fault the rest is asked for by `Range`, and
 * where the registry gives the whole again, what was read already is skipped. The last chunk comes only when the
 * whole has the digest, unless reading began in the middle: then whoever has the beginning verifies.
 */
export async function* readBlob(
  transport: Transport,
  name: ImageName,
  digest: Digest,
  options: BlobOptions & { offset?: number } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { offset: start = 0, isMirrored = false, signal } = options;
  const origin = transport.endpoints.originOf(name);
  const endpoints = [...(isMirrored ? transport.endpoints.mirrorsOf(name) : []), origin];
  const hash = createHash("sha256");
  let offset = start;
  let held: Uint8Array | undefined;
  let tries = 0;
  let at = 0;
  for (;;) {
    const endpoint = endpoints[at] ?? origin;
    const call = blobCall(name, digest, offset, signal);
    const before = offset;
    try {
      const answer = await transport.open(call, endpoint);
      try {
        if (answer.status === 404) throw missing(name, digest);
        let toSkip = answer.status === 206 ? 0 : offset;
        for await (const chunk of answer.status === 416 ? [] : answer.chunks()) {
          const rest = chunk.subarray(Math.min(toSkip, chunk.length));
          toSkip -= chunk.length - rest.length;
          if (rest.length === 0) continue;
          hash.update(rest);
          offset += rest.length;
          if (held !== undefined) yield held;
          held = rest;
        }
        break;
      } finally {
        answer.close();
      }
    } catch (error) {
      if (at < endpoints.length - 1 && !isInterruption(error)) {
        at += 1;
        continue;
      }
      tries = offset > before ? 1 : tries + 1;
      await transport.again(call, endpoint, tries, error);
    }
  }
  if (start === 0) verify(name, digest, `sha256:${hash.digest("hex")}`);
  if (held !== undefined) yield held;
}

function blobCall(name: ImageName, digest: Digest, offset: number, signal: AbortSignal | undefined): Call {
  return {
    doing: `reading ${name}@${digest}`,
    name,
    method: "GET",
    at: `blobs/${digest}`,
    actions: ["pull"],
    headers: offset === 0 ? {} : { range: `bytes=${offset}-` },
    accept: offset === 0 ? [200, 404] : [200, 206, 404, 416],
    signal,
  };
}

function verify(name: ImageName, digest: Digest, read: string): void {
  if (read === digest) return;
  throw new SlipwayError("refused", `reading ${name}@${digest}: the bytes have digest ${read}`, {
    hint: "the registry, or something between here and there, gives altered content; nothing was done with it",
  });
}

function missing(name: ImageName, digest: Digest): SlipwayError {
  return new SlipwayError("failed", `reading ${name}@${digest}: the registry has no such blob`);
}

function isInterruption(error: unknown): boolean {
  return error instanceof SlipwayError && error.code === "interrupted";
}
