import { createHash } from "node:crypto";

declare const brand: unique symbol;

/** `sha256:` and 64 lower-case hex digits. Source: OCI image-spec, descriptor.md, "Digests". */
export type Digest = string & { readonly [brand]: "Digest" };

const digestPattern = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return digestPattern.test(text);
}

/** Parses a digest; undefined when the text is not one. */
export function parseDigest(text: string): Digest | undefined {
  return isDigest(text) ? text : undefined;
}

/** The digest of these bytes; text counts as UTF-8. */
export function digestOf(content: Uint8Array | string): Digest {
  return `sha256:${createHash("sha256").update(content).digest("hex")}` as Digest;
}

/** The digest of a pinned reference, `name@sha256:…`; undefined when it has none. */
export function digestOfPin(pin: string): Digest | undefined {
  return parseDigest(pin.slice(pin.lastIndexOf("@") + 1));
}

/** The hex digits of a digest, without the algorithm. */
export function digestHex(digest: Digest): string {
  return digest.slice("sha256:".length);
}
