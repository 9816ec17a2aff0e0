import { isDigest } from "../model/digest.ts";
import type { Descriptor } from "../model/oci.ts";
import { type Fields, asFields, asList, asText, asTexts, parseJson } from "./json.ts";

/** What a manifest or an index names. */
export interface Content {
  readonly manifests: readonly Descriptor[];
  readonly config: Descriptor | undefined;
  readonly layers: readonly Descriptor[];
  readonly subject: Descriptor | undefined;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/** Undefined when the bytes are no JSON object, or name something without a digest. */
export function readContent(bytes: Uint8Array): Content | undefined {
  const fields = asFields(parseJson(bytes));
  if (fields === undefined) return undefined;
  const manifests = readDescriptors(fields["manifests"]);
  const layers = readDescriptors(fields["layers"]);
  const config = readDescriptor(fields["config"]);
  const isConfigBroken = fields["config"] !== undefined && config === undefined;
  if (manifests === undefined || layers === undefined || isConfigBroken) return undefined;
  return {
    manifests,
    config,
    layers,
    subject: readDescriptor(fields["subject"]),
    artifactType: asText(fields["artifactType"]),
    annotations: asTexts(fields["annotations"]),
  };
}

/** None is an empty list; one that cannot be read makes the whole list so. */
function readDescriptors(value: unknown): readonly Descriptor[] | undefined {
  const entries = asList(value ?? []);
  return entries?.every(isDescriptor) === true ? entries : undefined;
}

function readDescriptor(value: unknown): Descriptor | undefined {
  return isDescriptor(value) ? value : undefined;
}

/** What else a descriptor says is kept: an index that is written again must not lose it. */
function isDescriptor(value: unknown): value is Descriptor {
  const fields = asFields(value) ?? {};
  const { mediaType, digest, size, annotations, artifactType, platform } = fields;
  if (typeof mediaType !== "string" || typeof size !== "number") return false;
  if (typeof digest !== "string" || !isDigest(digest)) return false;
  if (annotations !== undefined && asTexts(annotations) === undefined) return false;
  if (artifactType !== undefined && typeof artifactType !== "string") return false;
  return platform === undefined || isPlatform(asFields(platform) ?? {});
}

function isPlatform({ architecture, os, variant }: Fields): boolean {
  return (
    typeof architecture === "string" && typeof os === "string" && (variant === undefined || typeof variant === "string")
  );
}
