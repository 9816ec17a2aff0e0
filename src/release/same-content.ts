import type { ImageConfig, Manifest } from "../model/oci.ts";
import { byKey } from "../model/order.ts";

/** An image manifest and its configuration. */
export interface ImageContent {
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}

const stampLabels: readonly string[] = ["created", "revision", "version"].map(
  (key) => `org.opencontainers.image.${key}`,
);

/**
 * Whether two images are the same to whoever runs them: the same layers (uncompressed, in the same format) and the same configuration, once what only says when and
 * from which commit they were built is set aside (early cutoff). `ownLabels`: further labels that Slipway sets by itself.
 */
export function sameContent(left: ImageContent, right: ImageContent, ownLabels: readonly string[] = []): boolean {
  const layers = ({ manifest, config }: ImageContent): string =>
    JSON.stringify([config.rootfs.diff_ids, manifest.layers.map((layer) => layer.mediaType)]);
  if (layers(left) !== layers(right)) return false;
  const ignored = new Set([...stampLabels, ...ownLabels]);
  return canonicalJson(lasting(left.config, ignored)) === canonicalJson(lasting(right.config, ignored));
}

/** A configuration without times, Slipway's own labels, and what BuildKit notes for itself. */
function lasting(config: ImageConfig, ignored: ReadonlySet<string>): unknown {
  const { created: _created, history = [], config: runtime = {}, ...rest } = config;
  const labels = Object.entries(runtime.Labels ?? {}).filter(
    ([key]) => !ignored.has(key) && !key.startsWith("dev.slipway."),
  );
  const kept = Object.entries(rest).filter(([key]) => !key.startsWith("moby.buildkit."));
  return {
    ...Object.fromEntries(kept),
    config: { ...runtime, Labels: Object.fromEntries(labels) },
    history: history.map(({ created: _at, ...entry }) => entry),
  };
}

/** JSON with keys in code unit order. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(byKey(([key]) => key)))
      : each,
  );
}
