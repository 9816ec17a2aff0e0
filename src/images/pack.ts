import { promisify } from "node:util";
import { gunzip, gunzipSync, gzip, gzipSync } from "node:zlib";

/** Sizes in bytes up to which data is packed and unpacked synchronously, because a thread would cost more. */
const smallBytes = { unpacked: 65_536, packed: 8192 };

/** Compresses a text by gzip. */
export async function pack(text: string): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return bytes.length <= smallBytes.unpacked ? gzipSync(bytes) : promisify(gzip)(bytes);
}

/** Decompresses gzip; undefined: the bytes are not gzip, or unpack to more than `most` bytes. */
export async function unpack(bytes: Uint8Array, most: number): Promise<Uint8Array | undefined> {
  const options = { maxOutputLength: most };
  try {
    return bytes.length <= smallBytes.packed ? gunzipSync(bytes, options) : await promisify(gunzip)(bytes, options);
  } catch {
    return undefined;
  }
}
