import { type Digest, parseDigest } from "../model/digest.ts";

/**
 * Reads the image's digest from the text of a `--metadata-file`. Undefined: it names none. Source: buildx, docs/reference/buildx_build.md.
 */
export function parseMetadata(text: string): { readonly digest: Digest } | undefined {
  const document = parseObject(text);
  const descriptor = document?.["containerimage.descriptor"];
  const named = document?.["containerimage.digest"];
  const described = isObject(descriptor) ? descriptor["digest"] : undefined;
  const digest = [named, described]
    .map((each) => (typeof each === "string" ? parseDigest(each) : undefined))
    .find(Boolean);
  return digest === undefined ? undefined : { digest };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
