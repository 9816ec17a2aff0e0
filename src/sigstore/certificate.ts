import type { WorkflowSigner } from "../model/statement.ts";

/** An extension of a certificate, as @sigstore/verify gives it. */
export interface CertificateExtension {
  readonly oid?: { readonly id: readonly number[] } | undefined;
  readonly value: Uint8Array;
}

/** Fulcio's extensions below 1.3.6.1.4.1.57264.1. Source: sigstore/fulcio, docs/oid-info.md. */
const extensions = {
  runner: 11,
  repository: 12,
  commit: 13,
  ref: 14,
  repositoryId: 15,
  ownerId: 17,
  event: 20,
  run: 21,
} as const;

const fulcioArc = "1.3.6.1.4.1.57264.1.";

/** Reads who signed from a verified certificate. */
export function readWorkflowSigner(
  subject: string,
  issuer: string,
  listed: readonly CertificateExtension[],
): WorkflowSigner {
  const values = new Map(listed.map(({ oid, value }) => [oid?.id.join(".") ?? "", value]));
  const text = (number: number): string => utf8String(values.get(`${fulcioArc}${number}`));
  return {
    kind: "workflow",
    issuer,
    subject,
    repository: text(extensions.repository),
    repositoryId: text(extensions.repositoryId),
    ownerId: text(extensions.ownerId),
    commit: text(extensions.commit),
    ref: text(extensions.ref),
    runner: text(extensions.runner),
    event: text(extensions.event),
    run: text(extensions.run),
  };
}

/** The text of a DER UTF8String; empty where the value is none. Source: X.690, 8.1.3 and 8.23. */
function utf8String(der: Uint8Array | undefined): string {
  if (der === undefined || der[0] !== 0x0c) return "";
  const first = der[1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const long = der.subarray(2, 2 + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0);
  const length = first < 0x80 ? first : long;
  const content = der.subarray(2 + lengthBytes);
  return content.length === length ? new TextDecoder().decode(content) : "";
}
