import { errorMessage, SlipwayError } from "../../errors.ts";
import { type Fields, fieldsOf } from "../../formats/json.ts";
import { commaFields } from "../drop-in/comma-fields.ts";

/** What `docker buildx bake --print` says: everything is filled in and inherited. */
export interface BakeDefinition {
  /** As printed, by name. */
  readonly targets: Readonly<Record<string, Fields>>;
}

/** Parses a printed definition. Throws `definition-invalid` where it is none. */
export function parseBakeDefinition(printed: string): BakeDefinition {
  let fields: Fields;
  try {
    fields = fieldsOf(JSON.parse(printed));
  } catch (error) {
    throw new SlipwayError("definition-invalid", `cannot parse bake definitions: ${errorMessage(error)}`, {
      cause: error,
    });
  }
  const targets = Object.entries(fieldsOf(fields["target"])).map(([name, target]) => [name, fieldsOf(target)] as const);
  return { targets: Object.fromEntries(targets) };
}

/** Names of the targets that attest no provenance, as bake-action finds them. */
export function targetsWithoutProvenance({ targets }: BakeDefinition): string[] {
  return Object.entries(targets).flatMap(([name, target]) =>
    typesOf(target["attest"]).includes("provenance") ? [] : [name],
  );
}

/** Whether a target is loaded into Docker. */
export function isAnyLoaded({ targets }: BakeDefinition): boolean {
  return Object.values(targets).some((target) => typesOf(target["output"]).includes("docker"));
}

/** The `type` of each entry, which is text (`type=docker,…`) or an object. */
function typesOf(entries: unknown): string[] {
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown) => {
    if (typeof entry !== "string")
      return typeof fieldsOf(entry)["type"] === "string" ? [String(fieldsOf(entry)["type"])] : [];
    const fields = commaFields([entry]).flat();
    return fields.flatMap((field) => (/^\s*type\s*=/.test(field) ? [field.slice(field.indexOf("=") + 1).trim()] : []));
  });
}
