import type { ImageConfig, Manifest } from "../model/oci.ts";
import { byKey } from "../model/order.ts";

/** An image manifest and its configuration. */
export interface ImageContent {
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}

/** Labels with the time, the commit and the release of a build. */
const stampLabels: readonly string[] = ["created", "revision", "version"].map(
  (key) => `org.opencontainers.image.${key}`,
);

/**
 * Whether two images are equal for containers (early cutoff): the same layers (uncompressed, in the same format), annotations and
 * configuration, apart from when and from which commit they were built. Labels of the user always count.
 */
export function sameContent(
  left: ImageContent,
  right: ImageContent,
  userLabels: Readonly<Record<string, string>> = {},
): boolean {
  const content = ({ manifest, config }: ImageContent): string =>
    canonicalJson([
      config.rootfs.diff_ids,
      manifest.layers.map((layer) => layer.mediaType),
      manifest.annotations ?? {},
      lasting(config, (label) => isStamp(label) && !Object.hasOwn(userLabels, label)),
    ]);
  return content(left) === content(right);
}

function isStamp(label: string): boolean {
  return stampLabels.includes(label) || label.startsWith("dev.slipway.");
}

/** A config without times, BuildKit's own fields and the labels that `isSetAside` accepts. */
function lasting(config: ImageConfig, isSetAside: (label: string) => boolean): unknown {
  const { created: _created, history = [], config: runtime = {}, ...rest } = config;
  const labels = Object.entries(runtime.Labels ?? {}).filter(([key]) => !isSetAside(key));
  const kept = Object.entries(rest).filter(([key]) => !key.startsWith("moby.buildkit."));
  return {
    ...Object.fromEntries(kept),
    config: { ...runtime, Labels: Object.fromEntries(labels) },
    history: history.map(({ created: _at, ...entry }) => entry),
  };
}

/** JSON with keys in code unit order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(byKey(([key]) => key)))
      : each,
  );
}
