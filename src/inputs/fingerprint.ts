import { createHash } from "node:crypto";
import type { BuildDefinition } from "../model/build-definition.ts";
import { type Digest, digestOf, parseDigest } from "../model/digest.ts";
import type { Fingerprint, InputFile } from "../model/inputs.ts";
import { byKey } from "../model/order.ts";

/** Goes up when equal definitions may mean another image than before: nothing published before is reused then. */
export const algorithm = "2";

/**
 * The digest of the definition's canonical JSON: names by code unit, no white space, nothing that is undefined. Neither the service's
 * name is in it nor when or where it is computed. `docs/decisions/0007-fingerprint.md` says why each part counts.
 */
export function fingerprintOf(definition: BuildDefinition): Fingerprint {
  return digestOf(JSON.stringify({ algorithm, ...definition }, sortNames));
}

/** For `JSON.stringify`: objects with their names in order. */
function sortNames(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(byKey(([name]) => name)));
}

/** Files of a folder of the repository. */
export interface FolderFiles {
  /** Relative to the repository root; `.` is the root. */
  readonly root: string;
  readonly files: readonly InputFile[];
}

/**
 * The digest over a folder's files by code unit of the path: path in the folder, mode and content of each. No path has a NUL, so no two
 * lists make one text.
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
  if (digest === undefined) throw new RangeError("a SHA-256 is a digest");
  return digest;
}

function isSorted(files: readonly InputFile[]): boolean {
  return files.every((file, index) => index === 0 || (files[index - 1]?.path ?? "") <= file.path);
}
