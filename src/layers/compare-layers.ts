import { bytesGrown, type LayerBase, type LayerChange, type PlacedLayer } from "../model/layers-document.ts";

/** The layers of an image, of which the lowest are its base's. */
export interface ComparedLayers {
  readonly base: LayerBase;
  readonly layers: readonly Pick<PlacedLayer, "digest" | "size" | "instruction" | "origin">[];
}

/**
 * Compares the layers of two images by instruction: the first `RUN npm ci` of one with the first of the other, and so on. All layers of a base
 * are one entry, unless the base of one of the images is not known. Equal layers are left out. The largest change comes first, then those with equal size in the order of the image.
 */
export function compareLayers(before: ComparedLayers, after: ComparedLayers): LayerChange[] {
  const isBaseKnown = [before, after].every(({ base }) => base.kind !== "unknown");
  const [old, now] = [byPlace(before, isBaseKnown), byPlace(after, isBaseKnown)];
  const changes = [...now].flatMap(([key, { instruction, origin, size, content }]): LayerChange[] => {
    const was = old.get(key);
    return was?.content === content ? [] : [{ instruction, origin, before: was?.size ?? null, after: size }];
  });
  const gone = [...old]
    .filter(([key]) => !now.has(key))
    .map(([, { instruction, origin, size }]): LayerChange => ({ instruction, origin, before: size, after: null }));
  return [...changes, ...gone].sort((left, right) => Math.abs(bytesGrown(right)) - Math.abs(bytesGrown(left)));
}

interface ComparedEntry {
  readonly instruction: string | null;
  readonly origin: PlacedLayer["origin"];
  readonly size: number;
  /** Equal texts: the same layers. */
  readonly content: string;
}

/** Entries by instruction and its count among equal ones; the base comes first. */
function byPlace({ base, layers }: ComparedLayers, isBaseKnown: boolean): ReadonlyMap<string, ComparedEntry> {
  const entries = new Map<string, ComparedEntry>();
  const ofBase = layers.filter(({ origin }) => isBaseKnown && origin === "base");
  if (ofBase.length > 0) {
    entries.set("base", {
      instruction: base.kind === "image" ? base.reference : null,
      origin: "base",
      size: ofBase.reduce((sum, each) => sum + each.size, 0),
      content: ofBase.map(({ digest }) => digest).join(" "),
    });
  }
  const counts = new Map<string, number>();
  for (const { instruction, origin, size, digest } of layers.slice(ofBase.length)) {
    const text = instruction ?? "";
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    entries.set(`${count} ${text}`, { instruction, origin, size, content: digest });
  }
  return entries;
}
