import { parse } from "csv-parse/sync";

/** Splits texts such as `type=sbom,generator=x` into trimmed fields, one list for each line. Throws for a quote without its end. */
export function commaFields(texts: readonly string[]): readonly (readonly string[])[] {
  const records: string[][] = parse(texts.join("\n"), { delimiter: ",", trim: true, relaxColumnCount: true });
  return records;
}

/** Whether one of the texts has the field `type=…` with this type. */
export function hasType(texts: readonly string[], type: string): boolean {
  return commaFields(texts).some((fields) => fields.some((field) => isTypeField(field, type)));
}

/** Whether one of the outputs has this type. As in docker's actions, an entry that is only a path means `local`, and ends the search. */
export function hasOutputType(outputs: readonly string[], type: string): boolean {
  for (const fields of commaFields(outputs)) {
    if (fields.length === 1 && fields[0]?.startsWith("type=") === false) return type === "local";
    if (fields.some((field) => isTypeField(field, type))) return true;
  }
  return false;
}

function isTypeField(field: string, type: string): boolean {
  const [key = "", value = ""] = field.split("=").map((part) => part.trim());
  return key === "type" && value === type;
}
