import { SlipwayError } from "../../errors.ts";
import { fieldsOf, parseJson } from "../../formats/json.ts";
import { type BakeDefinition, readBakeDefinition } from "../../invocation/bake-target.ts";
import { commaFields } from "../drop-in/comma-fields.ts";

/** Parses a printed definition. Throws `definition-invalid`. */
export function parseBakeDefinition(printed: string): BakeDefinition {
  const definition = readBakeDefinition(parseJson(printed));
  if (definition !== undefined) return definition;
  const [line = ""] = printed.split("\n");
  throw new SlipwayError("definition-invalid", `cannot parse bake definitions: "${line}" is no definition`, {
    hint: "`docker buildx bake --print` with the same files shows what buildx makes of them",
  });
}

/** Returns the targets without a provenance attestation, by bake-action's rule. */
export function targetsWithoutProvenance({ targets }: BakeDefinition): string[] {
  return Object.entries(targets).flatMap(([name, target]) =>
    typesOf(target["attest"]).includes("provenance") ? [] : [name],
  );
}

/** Whether a target is loaded into Docker. */
export function isAnyLoaded({ targets }: BakeDefinition): boolean {
  return Object.values(targets).some((target) => typesOf(target["output"]).includes("docker"));
}

/** Returns the `type` of each entry, which is a text (`type=docker,…`) or an object. */
function typesOf(entries: unknown): string[] {
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown) => {
    if (typeof entry !== "string")
      return typeof fieldsOf(entry)["type"] === "string" ? [String(fieldsOf(entry)["type"])] : [];
    const fields = commaFields([entry]).flat();
    return fields.flatMap((field) => (/^\s*type\s*=/.test(field) ? [field.slice(field.indexOf("=") + 1).trim()] : []));
  });
}
