import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { SlipwayError } from "../errors.ts";
import { type Digest, digestOf } from "../model/digest.ts";

/** A signature in the form that @sigstore/sign takes. */
export interface KeySignature {
  readonly signature: Buffer;
  readonly key: { readonly $case: "publicKey"; readonly publicKey: string; readonly hint: string };
}

/** A private key that signs. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  sign(data: Buffer): Promise<KeySignature>;
}

/** A public key, by which bundles name it. */
export interface PublicKey {
  readonly key: KeyObject;
  /** Of its DER form. */
  readonly digest: Digest;
  /** The digest in base64, which a bundle carries. */
  readonly hint: string;
}

/** Reads a private key: PEM, with a password where it is encrypted. Throws `signing-key-invalid`. `source`: the file's name, for messages. */
export function readSigningKey(pem: string, source: string, passphrase: string | undefined): SigningKey {
  const secret = parsePrivate(pem, source, passphrase);
  const publicKey = makePublicKey(createPublicKey(secret), source);
  const exported = publicKey.key.export({ format: "pem", type: "spki" }).toString();
  return {
    publicKey,
    sign: (data) =>
      Promise.resolve({
        signature: sign(publicKey.key.asymmetricKeyType === "ed25519" ? null : "sha256", data, secret),
        key: { $case: "publicKey", publicKey: exported, hint: publicKey.hint },
      }),
  };
}

/** Reads a public key in PEM. Throws `signing-key-invalid`. */
export function readPublicKey(pem: string, source: string): PublicKey {
  try {
    return makePublicKey(createPublicKey(pem), source);
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    throw new SlipwayError("signing-key-invalid", `reading the public key ${source}: it is no public key in PEM`);
  }
}

function makePublicKey(key: KeyObject, source: string): PublicKey {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const isKnown = key.asymmetricKeyType === "ed25519" || curve === "prime256v1";
  if (!isKnown) {
    const what = curve === undefined ? (key.asymmetricKeyType ?? "of an unknown kind") : `ECDSA on ${curve}`;
    throw new SlipwayError(
      "signing-key-invalid",
      `reading the key ${source}: it is ${what}, not ECDSA on P-256 or Ed25519`,
    );
  }
  const digest = digestOf(key.export({ format: "der", type: "spki" }));
  return { key, digest, hint: Buffer.from(digest.slice("sha256:".length), "hex").toString("base64") };
}

function parsePrivate(pem: string, source: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  } catch (error) {
    const isEncrypted = /-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(pem);
    const because = !isEncrypted
      ? "it is no private key in PEM"
      : passphrase === undefined
        ? "it is encrypted, and there is no password"
        : "the password does not open it";
    throw new SlipwayError("signing-key-invalid", `reading the signing key ${source}: ${because}`, { cause: error });
  }
}
