import type { Platform } from "../model/platform.ts";
import { parseReference, registryOf, repositoryOf } from "../model/reference.ts";

/**
 * The package URL of an image, in the form that BuildKit writes into its own provenance: `pkg:docker/node@24-slim?platform=linux%2Famd64`.
 * A text that is no reference is its own name.
 */
export function imagePurl(reference: string, platform: Platform | undefined): string {
  const parsed = parseReference(reference);
  const qualifiers = platform === undefined ? "" : `?platform=${encodeURIComponent(platform)}`;
  if (parsed === undefined) return `pkg:docker/${encodeURIComponent(reference)}${qualifiers}`;
  const host = registryOf(parsed.name);
  const path = repositoryOf(parsed.name);
  const name = host === "docker.io" ? path.replace(/^library\//, "") : `${encodeURIComponent(host)}/${path}`;
  const version = parsed.tag ?? parsed.digest ?? "latest";
  return `pkg:docker/${name}@${encodeURIComponent(version)}${qualifiers}`;
}
