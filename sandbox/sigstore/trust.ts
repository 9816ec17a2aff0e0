import type { SigningKey } from "./keys.ts";

/** What a stand-in signs with, as clients are told it. */
export interface InstanceKeys {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** DER of certificates, the signing one first. */
  readonly authority: readonly Uint8Array[];
  readonly timestamps: readonly Uint8Array[];
  readonly certificateLog: Pick<SigningKey, "der" | "id">;
  /** Undefined: signatures are timestamped only, as GitHub does it for private repositories. */
  readonly log: Pick<SigningKey, "der" | "id"> | undefined;
  /** When all of it began, as ISO text. */
  readonly since: string;
}

/** `trusted_root.json`; sigstore/protobuf-specs, sigstore_trustroot.proto. */
export function makeTrustedRoot(keys: InstanceKeys): object {
  const { url, since } = keys;
  const validFor = { start: since };
  const log = (each: Pick<SigningKey, "der" | "id">) => ({
    baseUrl: url,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: each.der.toString("base64"), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor },
    logId: { keyId: each.id.toString("base64") },
  });
  const authority = (certificates: readonly Uint8Array[]) => ({
    subject: { organization: "sandbox", commonName: "sigstore" },
    uri: url,
    certChain: { certificates: certificates.map((each) => ({ rawBytes: Buffer.from(each).toString("base64") })) },
    validFor,
  });
  return {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: keys.log === undefined ? [] : [log(keys.log)],
    certificateAuthorities: [authority(keys.authority)],
    ctlogs: [log(keys.certificateLog)],
    timestampAuthorities: [authority(keys.timestamps)],
  };
}

/** `signing_config.v0.2.json`: where clients sign. */
export function makeSigningConfig({ url, since, log }: InstanceKeys): object {
  const at = (address: string) => ({
    url: address,
    majorApiVersion: 1,
    validFor: { start: since },
    operator: "sandbox",
  });
  return {
    mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
    caUrls: [at(url)],
    oidcUrls: [at(url)],
    rekorTlogUrls: log === undefined ? [] : [at(url)],
    tsaUrls: [at(`${url}/api/v1/timestamp`)],
    ...(log === undefined ? {} : { rekorTlogConfig: { selector: "ANY" } }),
    tsaConfig: { selector: "ANY" },
  };
}

/** One document with both, as sigstore-python reads it. */
export function makeTrustConfig(keys: InstanceKeys): object {
  return {
    mediaType: "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
    trustedRoot: makeTrustedRoot(keys),
    signingConfig: makeSigningConfig(keys),
  };
}
