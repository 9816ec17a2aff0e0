import { promisify } from "node:util";
import { gunzip, gunzipSync, gzip, gzipSync } from "node:zlib";

/** Packed and unpacked at once up to these sizes: handing it to a thread costs more, and takes a time that nothing decides. */
const smallBytes = { unpacked: 65_536, packed: 8192 };

/** Compresses a text by gzip. */
export async function pack(text: string): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return bytes.length <= smallBytes.unpacked ? gzipSync(bytes) : promisify(gzip)(bytes);
}

/** Undefined where the bytes are no gzip, or hold more than `most` bytes. */
export async function unpack(bytes: Uint8Array, most: number): Promise<Uint8Array | undefined> {
  const options = { maxOutputLength: most };
  try {
    return bytes.length <= smallBytes.packed ? gunzipSync(bytes, options) : await promisify(gunzip)(bytes, options);
  } catch {
    return undefined;
  }
}
