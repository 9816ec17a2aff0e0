import type { Fingerprint } from "../model/inputs.ts";
import type { Platform } from "../model/platform.ts";
import type { Statement } from "../model/statement.ts";
import { makeStatement } from "./make-statement.ts";
import type { NamedDigest } from "./named-digest.ts";

export const bindingType = "https://slipway.dev/attestation/binding/v1";

/** Facts of an image that stays in use for other inputs than it was built from. */
export interface BindingFacts {
  /** The image's manifest. */
  readonly kept: NamedDigest;
  readonly service: string;
  readonly platform: Platform;
  readonly fingerprint: Fingerprint;
  readonly algorithm: string;
  /** ISO 8601: when a build of these inputs gave the same content. */
  readonly comparedAt: string;
}

/** The statement that a build of these inputs gave the content of an image that was there: the image counts for the fingerprint, too. */
export function bindingStatement({ kept, ...facts }: BindingFacts): Statement {
  return makeStatement([kept], bindingType, facts);
}
