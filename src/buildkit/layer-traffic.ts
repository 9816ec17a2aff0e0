import type { Vertex, VertexStatus } from "./solve-status.ts";

/** Layers that a solve moved, as far as BuildKit reports them: bytes of fetched layers, number of written layers. */
export interface LayerTraffic {
  add(status: VertexStatus): void;
  /** Bytes of the layers that were fetched for cached vertices. */
  fetchedFor(isCached: (vertex: string) => boolean): number;
  /** Number of layers that an exporter's vertex wrote. */
  writtenBy(vertex: Vertex): number;
}

/** Makes a counter that is fed with the statuses of one solve. */
export function makeLayerTraffic(): LayerTraffic {
  /** Size and vertex of each fetched layer, by digest. */
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
