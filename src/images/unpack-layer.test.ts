import { randomBytes } from "node:crypto";
import { gzipSync, constants, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { SlipwayError } from "../errors.ts";
import { unpackLayer } from "./unpack-layer.ts";

async function unpacked(bytes: Uint8Array, chunkBytes: number): Promise<Buffer> {
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
  const parts: Uint8Array[] = [];
  for await (const part of unpackLayer(chunks())) parts.push(part);
  return Buffer.concat(parts);
}

const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(300_000), Buffer.from("abc".repeat(5000))]);
const checked = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
const skippable = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), Buffer.from("12345")]);

describe("a layer", () => {
  test.each([
    ["as it is", content],
    ["in gzip", gzipSync(content)],
    ["in several members of gzip", Buffer.concat([gzipSync(content.subarray(0, 9)), gzipSync(content.subarray(9))])],
    ["in zstd", zstdCompressSync(content)],
    ["in zstd with a checksum", zstdCompressSync(content, checked)],
    [
      "in several frames of zstd, some of them to be skipped",
      Buffer.concat([
        skippable,
        zstdCompressSync(content.subarray(0, 9)),
        zstdCompressSync(Buffer.alloc(0)),
        skippable,
        zstdCompressSync(content.subarray(9), checked),
        skippable,
      ]),
    ],
  ])("%s is unpacked, in whatever chunks it comes", async (_, bytes) => {
    for (const size of [bytes.length, 65_536, 4097]) expect((await unpacked(bytes, size)).equals(content)).toBe(true);
    if (bytes.length < content.length) expect((await unpacked(bytes, 7)).equals(content)).toBe(true);
  });

  test.each([
    ["gzip that is cut off", gzipSync(content).subarray(0, 1000)],
    ["zstd that is cut off", zstdCompressSync(content).subarray(0, 1000)],
    [
      "zstd that is cut off in a later frame's first bytes",
      Buffer.concat([zstdCompressSync(content), skippable.subarray(0, 3)]),
    ],
    ["zstd with other bytes behind", Buffer.concat([zstdCompressSync(content), Buffer.from("abcdef")])],
    [
      "zstd with a false checksum",
      Buffer.concat([zstdCompressSync(content, checked).subarray(0, -1), Buffer.from([1])]),
    ],
  ])("is not unpacked from %s", async (_, bytes) => {
    await expect(unpacked(bytes, 1000)).rejects.toThrow(expect.objectContaining({ name: "DecompressionFault" }));
  });

  test.each(["gzip", "zstd", "none"])("whose source fails ends with the source's error (%s)", async (form) => {
    const bytes = form === "gzip" ? gzipSync(content) : form === "zstd" ? zstdCompressSync(content) : content;
    const fault = new SlipwayError("unavailable", "the registry ended the connection");
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 1000);
      throw fault;
    };
    const read = async (): Promise<void> => {
      for await (const part of unpackLayer(source())) expect(part).toBeDefined();
    };
    await expect(read()).rejects.toBe(fault);
  });

  test("whose reader stops ends its source", async () => {
    let isClosed = false;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield gzipSync(content);
      } finally {
        isClosed = true;
      }
    };
    for await (const part of unpackLayer(source())) {
      expect(part.length).toBeGreaterThan(0);
      break;
    }
    await expect.poll(() => isClosed).toBe(true);
  });
});
