import { createHash } from "node:crypto";
import { parseDigest } from "../model/digest.ts";
import type { Fingerprint, InputFile, Inputs } from "../model/inputs.ts";
import { byCodeUnit, byKey } from "../model/order.ts";

/** Goes up when equal inputs may mean another image than before: nothing published before is reused then. */
export const algorithm = "2";

/** What of the inputs a fingerprint is made of; `docs/decisions/0007-fingerprint.md` says why. */
export type FingerprintInputs = Pick<
  Inputs,
  "platform" | "files" | "args" | "bases" | "contexts" | "instructions" | "settings"
>;

/**
 * The digest over one JSON text of the inputs: keys and files by code unit, nothing optional, no white space. The service's
 * name is not in it, nor when or where it is computed. Each context counts by the digest over its own list of files: `files` is
 * the build context's, a named folder's stands in `contexts`.
 */
export function fingerprintOf(inputs: FingerprintInputs): Fingerprint {
  const text = JSON.stringify([
    ["algorithm", algorithm],
    ["platform", inputs.platform],
    ["instructions", inputs.instructions],
    ["args", sortedEntries(inputs.args)],
    ["bases", inputs.bases.map(({ reference, digest }) => [reference, digest]).sort(byKey(String))],
    ["contexts", inputs.contexts.map(({ name, kind, of, digest }) => [name, kind, of, digest]).sort(byKey(String))],
    ["settings", sortedEntries(inputs.settings)],
    ["files", filesDigest(inputs.files.filter(({ context }) => context === undefined))],
  ]);
  return toFingerprint(createHash("sha256").update(text).digest("hex"));
}

/** A digest over files: path, mode and content of each, by code unit of the path. */
export function filesDigest(files: readonly InputFile[]): Fingerprint {
  const hash = createHash("sha256");
  const atOnce = 4096;
  const sorted = isSorted(files) ? files : files.toSorted(byKey(({ path }) => path));
  for (let start = 0; start < sorted.length; start += atOnce) {
    const part = sorted.slice(start, start + atOnce).map(({ path, mode, digest }) => [path, mode, digest]);
    hash.update(JSON.stringify(part));
  }
  return toFingerprint(hash.digest("hex"));
}

function isSorted(files: readonly InputFile[]): boolean {
  return files.every((file, index) => index === 0 || (files[index - 1]?.path ?? "") <= file.path);
}

function sortedEntries(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([left], [right]) => byCodeUnit(left, right));
}

function toFingerprint(hex: string): Fingerprint {
  const digest = parseDigest(`sha256:${hex}`);
  if (digest === undefined) throw new RangeError(`"${hex}" is no SHA-256`);
  return digest;
}
