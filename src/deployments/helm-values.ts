import type { ImagePin } from "./image-pin.ts";

/** A map of Helm values. */
interface ValuesTree {
  [key: string]: ValuesTree | string;
}

/**
 * Renders Helm values that pin the images of a release, at a path of keys for each service: `{service}.image` is the convention of charts with
 * several services. Keys: `repository`, `tag` if the release has a version, and `digest`.
 */
export function renderHelmValues(pins: readonly ImagePin[], path: string, title: string): string {
  const tree: ValuesTree = {};
  for (const { service, images, tag, digest } of pins) {
    const keys = path.split(".").map((key) => key.replaceAll("{service}", service));
    let map = tree;
    for (const key of keys) {
      const next = map[key];
      const inner: ValuesTree = typeof next === "object" ? next : {};
      map[key] = inner;
      map = inner;
    }
    Object.assign(map, { repository: images[0], ...(tag === null ? {} : { tag }), digest });
  }
  const lines = renderTree(tree, 0);
  return `# ${title}\n${lines.length === 0 ? "{}" : lines.join("\n")}\n`;
}

function renderTree(tree: ValuesTree, depth: number): string[] {
  const indent = "  ".repeat(depth);
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string"
      ? [`${indent}${key}: ${JSON.stringify(value)}`]
      : [`${indent}${JSON.stringify(key)}:`, ...renderTree(value, depth + 1)],
  );
}
