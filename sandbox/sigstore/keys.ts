import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";

/** A key pair on P-256, with its public half as DER. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly der: Buffer;
  /** SHA-256 of the public half, by which logs are known. */
  readonly id: Buffer;
}

export function makeSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const der = publicKey.export({ format: "der", type: "spki" });
  return { privateKey, publicKey, der, id: createHash("sha256").update(der).digest() };
}
