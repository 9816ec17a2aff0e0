import { asFields, asList, asText, type Fields, fieldsOf } from "../formats/json.ts";
import { type Digest, parseDigest } from "../model/digest.ts";

/**
 * The digests of the images that a build used, from the provenance in its metadata, whether or not the image has that provenance attached.
 * Undefined: the metadata has no provenance. Source: SLSA v0.2 `materials`, SLSA v1 `resolvedDependencies`; buildx,
 * `buildx.build.provenance`.
 */
export function readMaterials(metadata: Fields): ReadonlySet<Digest> | undefined {
  const provenances = Object.entries(metadata).flatMap(([name, value]) => {
    const isProvenance = name === "buildx.build.provenance" || name.startsWith("buildx.build.provenance/");
    const fields = isProvenance ? asFields(value) : undefined;
    return fields === undefined ? [] : [fields];
  });
  if (provenances.length === 0) return undefined;
  const materials = provenances.flatMap((fields) => [
    ...(asList(fields["materials"]) ?? []),
    ...(asList(fieldsOf(fields["buildDefinition"])["resolvedDependencies"]) ?? []),
  ]);
  return new Set(materials.flatMap((each) => digestOfMaterial(fieldsOf(each)) ?? []));
}

function digestOfMaterial({ digest }: Fields): Digest | undefined {
  const hex = asText(fieldsOf(digest)["sha256"]);
  return hex === undefined ? undefined : parseDigest(`sha256:${hex}`);
}
