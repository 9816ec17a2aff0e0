import type { Digest } from "../model/digest.ts";

/** Name of an image, and the digest that a statement is about. */
export interface NamedDigest {
  readonly name: string;
  readonly digest: Digest;
}
