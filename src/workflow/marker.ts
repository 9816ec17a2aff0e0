import { createHash } from "node:crypto";

const pattern = /^# slipway:sha256:([0-9a-f]{64})\n/m;

/** Adds the digest of a generated text below its first line, so that a later run can tell whether a person changed it. */
export function withMarker(text: string): string {
  const end = text.indexOf("\n") + 1;
  return `${text.slice(0, end)}# slipway:sha256:${digestOf(text)}\n${text.slice(end)}`;
}

/** Returns the origin of a text. `generated`: unchanged since Slipway wrote it. `edited`: changed since. `foreign`: not written by Slipway. */
export function authorshipOf(text: string): "generated" | "edited" | "foreign" {
  const plain = text.replaceAll("\r\n", "\n");
  const match = pattern.exec(plain);
  if (match === null) return "foreign";
  return digestOf(plain.replace(match[0], "")) === match[1] ? "generated" : "edited";
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
