import { isDigest } from "../model/digest.ts";
import type { Descriptor, ImageConfig, Index, Manifest } from "../model/oci.ts";
import { type Fields, asFields, asList, asText, asTextMap, parseJson } from "../formats/json.ts";

/** The descriptors and annotations of a manifest or an index. */
export interface Content {
  readonly manifests: readonly Descriptor[];
  readonly config: Descriptor | undefined;
  readonly layers: readonly Descriptor[];
  readonly subject: Descriptor | undefined;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/** Reads a manifest or an index; undefined: the bytes are not a JSON object or hold an invalid descriptor. */
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
    annotations: asTextMap(fields["annotations"]),
  };
}

/** Parses an index and checks every descriptor; undefined: it is not an index. Source: image-spec, image-index.md. */
export function parseIndex(bytes: Uint8Array): Index | undefined {
  const fields = asFields(parseJson(bytes));
  return fields !== undefined && isIndex(fields) ? fields : undefined;
}

/** Parses an image manifest and checks every descriptor; undefined: it is not an image manifest. Source: image-spec, manifest.md. */
export function parseManifest(bytes: Uint8Array): Manifest | undefined {
  const fields = asFields(parseJson(bytes));
  return fields !== undefined && isManifest(fields) ? fields : undefined;
}

function isIndex(fields: Fields): fields is Fields & Index {
  return asList(fields["manifests"])?.every(isDescriptor) === true && hasCommonFields(fields);
}

function isManifest(fields: Fields): fields is Fields & Manifest {
  const { config, layers } = fields;
  return isDescriptor(config) && asList(layers)?.every(isDescriptor) === true && hasCommonFields(fields);
}

/** Checks the fields that an index and a manifest share. `mediaType` is optional (image-spec, "SHOULD"). */
function hasCommonFields({ mediaType, artifactType, annotations, subject }: Fields): boolean {
  return (
    isTextOrNothing(mediaType) &&
    isTextOrNothing(artifactType) &&
    (annotations === undefined || asTextMap(annotations) !== undefined) &&
    (subject === undefined || isDescriptor(subject))
  );
}

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

/**
 * Parses an image's config (image-spec, config.md); undefined: it is not one. Drops fields with the value `null`, which Docker writes for
 * empty lists. Missing fields are empty, because some builders omit fields that the specification requires.
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig | undefined {
  const fields = asFields(parseJson(bytes));
  if (fields === undefined) return undefined;
  const { architecture = "", os = "", variant, created, history, ...rest } = withoutNulls(fields);
  const rootfs = withoutNulls(asFields(rest["rootfs"] ?? {}) ?? { diff_ids: "none" });
  const runtime = withoutNulls(asFields(rest["config"] ?? {}) ?? { Env: "none" });
  const diffIds = asTextList(rootfs["diff_ids"] ?? []);
  if (typeof architecture !== "string" || typeof os !== "string" || diffIds === undefined) return undefined;
  if (!isTextOrNothing(variant) || !isTextOrNothing(created) || !isRuntime(runtime) || !isHistory(history ?? [])) {
    return undefined;
  }
  const known = withoutNulls({ variant, created, history, config: "config" in rest ? runtime : undefined });
  const config = { ...rest, ...known, architecture, os, rootfs: { ...rootfs, diff_ids: diffIds } };
  // The type's fields were checked above.
  return config as unknown as ImageConfig;
}

/** Checks the fields of a config's `config` that Slipway reads. */
function isRuntime({ Env = [], OnBuild = [], Labels = {}, WorkingDir }: Fields): boolean {
  const areLists = asTextList(Env) !== undefined && asTextList(OnBuild) !== undefined;
  return areLists && asTextMap(Labels) !== undefined && isTextOrNothing(WorkingDir);
}

function isHistory(value: unknown): boolean {
  return asList(value)?.every((entry) => isTextOrNothing((asFields(entry) ?? { created: 0 })["created"])) === true;
}

function asTextList(value: unknown): readonly string[] | undefined {
  const texts = asList(value)?.filter((each) => typeof each === "string");
  return texts !== undefined && texts.length === asList(value)?.length ? texts : undefined;
}

function withoutNulls(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

/** Reads a list of descriptors. A missing list is empty; undefined: an entry is invalid. */
function readDescriptors(value: unknown): readonly Descriptor[] | undefined {
  const entries = asList(value ?? []);
  return entries?.every(isDescriptor) === true ? entries : undefined;
}

function readDescriptor(value: unknown): Descriptor | undefined {
  return isDescriptor(value) ? value : undefined;
}

/** Whether a value is a descriptor. Keeps unknown fields, because an index that is written again must not lose them. */
function isDescriptor(value: unknown): value is Descriptor {
  const fields = asFields(value) ?? {};
  const { mediaType, digest, size, annotations, artifactType, platform, data } = fields;
  if (typeof mediaType !== "string" || typeof digest !== "string" || !isDigest(digest)) return false;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return false;
  if (annotations !== undefined && asTextMap(annotations) === undefined) return false;
  if (!isTextOrNothing(artifactType) || !isTextOrNothing(data)) return false;
  return platform === undefined || isPlatform(asFields(platform) ?? {});
}

function isPlatform({ architecture, os, variant }: Fields): boolean {
  return typeof architecture === "string" && typeof os === "string" && isTextOrNothing(variant);
}
