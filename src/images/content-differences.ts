import type { ImageConfig } from "../model/oci.ts";
import { canonicalJson, type ImageContent } from "./same-content.ts";

/** A difference between two images that a container can observe. */
export interface ContentDifference {
  readonly what: "layer" | "config";
  /** The instruction behind the layer, or the key of the configuration. */
  readonly name: string;
  /** The differing paths, or the two values. */
  readonly detail: string;
}

/** A layer at the same position (from 0) in two images, with different content. */
export interface LayerPair {
  readonly instruction: string;
  readonly at: number;
}

/**
 * Lists the differences of two configurations that a container can notice: labels, times and BuildKit's own notes are ignored. Sorted by
 * key.
 */
export function configDifferences(ours: ImageConfig, theirs: ImageConfig): ContentDifference[] {
  const [left, right] = [runtimeOf(ours), runtimeOf(theirs)];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].sort().flatMap((name): ContentDifference[] => {
    const [mine, other] = [canonicalJson(left[name] ?? null), canonicalJson(right[name] ?? null)];
    return mine === other ? [] : [{ what: "config", name, detail: `${other} there, ${mine} here` }];
  });
}

function runtimeOf({ os, architecture, variant, config = {} }: ImageConfig): Record<string, unknown> {
  const { Labels: _labels, ...runtime } = config;
  // Fields of old Docker versions that have no effect on containers.
  const left = new Set([
    "Image",
    "Hostname",
    "Domainname",
    "AttachStdin",
    "AttachStdout",
    "AttachStderr",
    "ArgsEscaped",
  ]);
  const kept = Object.entries(runtime).filter(([key, value]) => !left.has(key) && !isNothing(value));
  return { os, architecture, ...(variant === undefined ? {} : { variant }), ...Object.fromEntries(kept) };
}

/** Whether a value counts as absent. Null, false and empty values mean the same as absent ones. */
function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Layers whose uncompressed bytes differ; `undefined`: the images have different numbers of layers. */
export function differingLayers(ours: ImageContent, theirs: ImageContent): LayerPair[] | undefined {
  const [mine, other] = [ours.config.rootfs.diff_ids, theirs.config.rootfs.diff_ids];
  if (mine.length !== other.length) return undefined;
  const made = (ours.config.history ?? []).filter((entry) => entry["empty_layer"] !== true);
  return mine.flatMap((id, at): LayerPair[] => {
    const by = made[at]?.["created_by"];
    const instruction = typeof by === "string" ? by.replace(/ # buildkit$/, "") : `layer ${at + 1}`;
    return id === other[at] ? [] : [{ instruction, at }];
  });
}

/** Paths that differ between two layers, times ignored; sorted. */
export function differingPaths(ours: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>): string[] {
  return [...new Set([...ours.keys(), ...theirs.keys()])].filter((path) => ours.get(path) !== theirs.get(path)).sort();
}
