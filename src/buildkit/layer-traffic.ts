import type { Vertex, VertexStatus } from "./solve-status.ts";

/** Which layers a solve moved, as far as BuildKit tells: the size of those it fetched, the number of those it wrote. */
export interface LayerTraffic {
  add(status: VertexStatus): void;
  /** Bytes of the layers that were fetched for vertices that were found in a cache. */
  fetchedFor(isCached: (vertex: string) => boolean): number;
  /** Layers that an exporter's vertex wrote. */
  writtenBy(vertex: Vertex): number;
}

/** Counts from what BuildKit tells of a solve. */
export function makeLayerTraffic(): LayerTraffic {
  /** By layer: its size, and for which vertex it was fetched. */
  const fetched = new Map<string, { readonly vertex: string; readonly bytes: number }>();
  const written = new Map<string, Set<string>>();
  return {
    add({ vertex, id, total }) {
      if (/^sha256:[0-9a-f]{64}$/.test(id) && total !== undefined) fetched.set(id, { vertex, bytes: total });
      if (!id.startsWith("writing layer ")) return;
      const layers = written.get(vertex) ?? new Set();
      written.set(vertex, layers.add(id));
    },
    fetchedFor: (isCached) =>
      [...fetched.values()].reduce((sum, { vertex, bytes }) => sum + (isCached(vertex) ? bytes : 0), 0),
    writtenBy: ({ digest }) => written.get(digest)?.size ?? 0,
  };
}
