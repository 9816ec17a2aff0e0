import type { CacheUse } from "../event.ts";
import { type CacheEntry, cacheReference } from "../model/cache-entry.ts";
import type { CacheTierName } from "../model/service.ts";
import type { LayerTraffic } from "./layer-traffic.ts";
import type { Vertex } from "./solve-status.ts";

/** Reads the use of a cache tier from a completed vertex; undefined: the vertex concerns no cache. */
export function readCacheUse(
  vertex: Vertex,
  seconds: number,
  entries: { readonly from: readonly CacheEntry[]; readonly to: readonly CacheEntry[] },
  traffic: Pick<LayerTraffic, "writtenBy">,
): CacheUse | undefined {
  const imported = /^importing cache manifest from (.+)$/.exec(vertex.name)?.[1];
  if (imported !== undefined) return readImport(vertex, imported, seconds, entries.from);
  const exported = exportTypes.find(([prefix]) => vertex.name.startsWith(prefix))?.[1];
  if (exported === undefined) return undefined;
  const reference = referencesOf(entries.to.filter((entry) => entry.attributes["type"] === exported));
  const state = vertex.error === undefined ? "used" : "failed";
  const layers = traffic.writtenBy(vertex);
  return { tier: exported, direction: "export", reference, state, seconds, because: vertex.error, layers };
}

const exportTypes: readonly (readonly [prefix: string, type: "gha" | "registry"])[] = [
  ["exporting cache to registry", "registry"],
  ["exporting to GitHub Actions Cache", "gha"],
];

/** Reads an import. BuildKit names a registry cache by its reference, and a gha cache by an internal number. */
function readImport(vertex: Vertex, from: string, seconds: number, entries: readonly CacheEntry[]): CacheUse {
  const gha = entries.filter((entry) => entry.tier === "gha");
  const named = entries.find((entry) => entry.attributes["ref"] === from);
  const tier: CacheTierName = from.startsWith("gha:") ? "gha" : (named?.tier ?? "registry");
  const reference = tier === "gha" ? referencesOf(gha) : from;
  const { error } = vertex;
  if (error === undefined) return { tier, direction: "import", reference, state: "used", seconds, because: undefined };
  const state = error.endsWith(": not found") ? "missing" : "failed";
  return {
    tier,
    direction: "import",
    reference,
    state,
    seconds,
    because: state === "missing" ? "not there yet" : error,
  };
}

/**
 * Uses of tiers that a successful solve did not report. An inline cache is part of the image and has no vertex, so it counts as used; any
 * other tier (such as gha without its variables, which buildx drops silently) counts as left out.
 */
export function restOfCacheUses(
  seen: readonly CacheUse[],
  entries: { readonly from: readonly CacheEntry[]; readonly to: readonly CacheEntry[] },
): CacheUse[] {
  const rest: CacheUse[] = [];
  for (const direction of ["import", "export"] as const) {
    const side = direction === "import" ? entries.from : entries.to;
    for (const tier of new Set(side.map((entry) => entry.tier))) {
      if (seen.some((use) => use.tier === tier && use.direction === direction)) continue;
      const reference = referencesOf(side.filter((entry) => entry.tier === tier));
      rest.push(
        tier === "inline"
          ? { tier, direction, reference, state: "used", seconds: 0, because: undefined }
          : { tier, direction, reference, state: "left-out", seconds: 0, because: "the builder did not use it" },
      );
    }
  }
  return rest;
}

function referencesOf(entries: readonly CacheEntry[]): string {
  return entries.map(cacheReference).join(", ");
}
