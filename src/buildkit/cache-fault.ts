import type { CacheEntry } from "../model/cache-entry.ts";
import { parseReference, repositoryOf } from "../model/reference.ts";
import { errorText, exitCodeOfInstruction, type FailureFacts } from "./failure.ts";

/** Caches that made a build fail: all of a type in one direction, or all imports. */
export interface CacheFault {
  readonly direction: "import" | "export";
  readonly type: "gha" | "registry" | "any";
}

/**
 * Whether a build failed because of a cache. BuildKit ignores a cache that it cannot read, and with `ignore-error` one that it cannot
 * write. But a build fails on a cache that BuildKit cannot set up (such as with an invalid token), and on a layer that the cache's manifest
 * names but that cannot be fetched when an instruction needs it (a registry's garbage collector removed it, or the download was denied).
 */
export function findCacheFault(facts: FailureFacts, from: readonly CacheEntry[]): CacheFault | undefined {
  if (exitCodeOfInstruction(facts) !== undefined) return undefined;
  const error = errorText(facts);
  const setUp = /failed to configure (gha|registry) cache (ex|im)porter/.exec(error);
  if (setUp !== null)
    return { direction: setUp[2] === "ex" ? "export" : "import", type: setUp[1] === "gha" ? "gha" : "registry" };
  const name = facts.vertex?.name ?? "";
  if (name.startsWith("exporting to GitHub Actions Cache")) return { direction: "export", type: "gha" };
  if (name.startsWith("exporting cache to registry")) return { direction: "export", type: "registry" };
  if (!/failed to copy: |could not fetch content descriptor/.test(error)) return undefined;
  // Error format of the block storage behind GitHub's cache.
  if (/RESPONSE \d{3}: /.test(error)) return { direction: "import", type: "gha" };
  const path = blobRepository(error);
  if (path === undefined) return { direction: "import", type: "any" };
  return from.some((entry) => repositoryPath(entry) === path) ? { direction: "import", type: "registry" } : undefined;
}

/** Repository path in the first blob URL of an error. */
function blobRepository(error: string): string | undefined {
  for (const word of error.split(/\s+/)) {
    const start = word.indexOf("/v2/") + "/v2/".length;
    const end = word.lastIndexOf("/blobs/");
    if (word.includes("/v2/") && end > start) return word.slice(start, end);
  }
  return undefined;
}

/**
 * Whether the engine's own build cache names a snapshot that no longer exists, which can happen after parallel builds
 * (https://github.com/moby/buildkit/pull/6808). Every build that reads it fails until it is built again.
 */
export function hasLostSnapshot(facts: FailureFacts): boolean {
  return exitCodeOfInstruction(facts) === undefined && /snapshot \S+ does not exist: not found/.test(errorText(facts));
}

/** Whether a fault concerns this entry. */
export function isFaulty(
  fault: CacheFault,
  direction: CacheFault["direction"],
  { tier, attributes }: CacheEntry,
): boolean {
  return fault.direction === direction && (fault.type === "any" || fault.type === (attributes["type"] ?? tier));
}

function repositoryPath({ attributes }: CacheEntry): string | undefined {
  const reference = parseReference(attributes["ref"] ?? "");
  return reference === undefined ? undefined : repositoryOf(reference.name);
}
