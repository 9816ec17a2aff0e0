import { createHash } from "node:crypto";
import type { BuildDefinition } from "../model/build-definition.ts";
import { type Digest, digestOf, parseDigest } from "../model/digest.ts";
import type { Fingerprint, InputFile } from "../model/inputs.ts";
import { byKey } from "../model/order.ts";

/**
 * Version of the algorithm. Increased when equal definitions may give another image than before; no image published before is reused then.
 */
export const algorithm = "2";

/**
 * The digest of the definition's canonical JSON: names in code unit order, no white space, no undefined values. It does not depend on the
 * service's name, nor on when or where it is computed. `docs/decisions/0007-fingerprint.md` gives the reason for each part.
 */
export function fingerprintOf(definition: BuildDefinition): Fingerprint {
  return digestOf(JSON.stringify({ algorithm, ...definition }, sortNames));
}

/** Replacer for `JSON.stringify` that sorts the names of objects. */
function sortNames(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(byKey(([name]) => name)));
}

/** Files of a folder of the repository. */
export interface FolderFiles {
  /** Path of the folder relative to the repository root; `.` is the root. */
  readonly root: string;
  readonly files: readonly InputFile[];
}

/**
 * The digest of a folder's files: path in the folder, mode and content digest of each, in code unit order of the paths. NUL separates the
 * values, so that different lists never have the same text.
 */
export function filesDigest({ root, files }: FolderFiles): Digest {
  const hash = createHash("sha256");
  const start = root === "." ? 0 : root.length + 1;
  const sorted = isSorted(files) ? files : files.toSorted(byKey(({ path }) => path));
  const enough = 65_536;
  let text = "";
  for (const { path, mode, digest } of sorted) {
    text += `${path.slice(start)}\0${mode} ${digest}\0`;
    if (text.length < enough) continue;
    hash.update(text);
    text = "";
  }
  const digest = parseDigest(`sha256:${hash.update(text).digest("hex")}`);
  if (digest === undefined) throw new RangeError("a SHA-256 that is not a digest");
  return digest;
}

function isSorted(files: readonly InputFile[]): boolean {
  return files.every((file, index) => index === 0 || (files[index - 1]?.path ?? "") <= file.path);
}
