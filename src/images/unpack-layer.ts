import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { errorMessage, SlipwayError } from "../errors.ts";
import { addAll } from "../model/lists.ts";
import { type FramePart, ZstdFrames } from "../formats/zstd-frames.ts";

/** A layer's bytes that cannot be decompressed. */
export class DecompressionFault extends Error {
  override readonly name = "DecompressionFault";
}

/**
 * Decompresses a layer while it arrives, by its first bytes: gzip, zstd, or as it is. A media type may state another compression than the bytes
 * have, and container engines go by the bytes, too. Throws `DecompressionFault`, or the error of the source.
 */
export async function* unpackLayer(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const source = chunks[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array();
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    start = start.length === 0 ? next.value : Buffer.concat([start, next.value]);
    if (start.length >= 4) break;
  }
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    try {
      if (start.length > 0) yield start;
      for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
    } finally {
      await source.return?.();
    }
  };
  try {
    switch (compressionOf(start)) {
      case "none":
        yield* whole();
        return;
      case "gzip":
        yield* through(whole(), createGunzip());
        return;
      case "zstd":
        for await (const frame of framesOf(whole())) yield* through(frame, createZstdDecompress());
    }
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    throw new DecompressionFault(errorMessage(error));
  }
}

function compressionOf(start: Uint8Array): "gzip" | "zstd" | "none" {
  if (start[0] === 0x1f && start[1] === 0x8b) return "gzip";
  // A frame, or one of those that decompressors skip (RFC 8878, 3.1).
  const isFrame = start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd;
  const isSkippable = ((start[0] ?? 0) & 0xf0) === 0x50 && start[1] === 0x2a && start[2] === 0x4d && start[3] === 0x18;
  return isFrame || isSkippable ? "zstd" : "none";
}

async function* through(source: AsyncIterable<Uint8Array>, decompressor: Transform): AsyncGenerator<Uint8Array> {
  // The loop gets the error.
  for await (const chunk of pipeline(Readable.from(source), decompressor, () => undefined)) yield asBytes(chunk);
}

/** The frames of zstd data, each with its bytes. A frame must be read to its end before the next one. */
async function* framesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const frames = new ZstdFrames();
  const waiting: FramePart[] = [];
  const chunks = source[Symbol.asyncIterator]();
  let isEnded = false;
  const fill = async (): Promise<boolean> => {
    while (waiting.length === 0 && !isEnded) {
      const next = await chunks.next();
      if (next.done === true) isEnded = true;
      else addAll(waiting, frames.push(next.value));
    }
    return waiting.length > 0;
  };
  const readFrame = async function* (): AsyncGenerator<Uint8Array> {
    while (await fill()) {
      const part = waiting.shift();
      if (part === undefined) return;
      yield part.bytes;
      if (part.isLast) return;
    }
    throw new Error("it ends within a zstd frame");
  };
  try {
    while (await fill()) yield readFrame();
    if (!frames.isComplete()) throw new Error("it ends within a zstd frame");
  } finally {
    await chunks.return?.();
  }
}

function asBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new Error("a decompressor gave something other than bytes");
}
