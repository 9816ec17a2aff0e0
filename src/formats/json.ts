/**
 * Reads JSON of unknown shape by hand: a schema library takes longer to load than all requests of a plan.
 */

/** A JSON object of which only the names are known. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value of a JSON text; undefined when the text is not JSON. */
export function parseJson(content: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof content === "string" ? content : new TextDecoder().decode(content));
  } catch {
    return undefined;
  }
}

/** The value when it is an object, else undefined. */
export function asFields(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** The value when it is an object, else an empty object. */
export function fieldsOf(value: unknown): Fields {
  return asFields(value) ?? {};
}

/** The value when it is text, else undefined. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The text of a field; empty when the field is absent or not text. */
export function textField(fields: Fields, name: string): string {
  return asText(fields[name]) ?? "";
}

/** The value when it is a list, else undefined. */
export function asList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** The value when it is an object whose values are all text, else undefined. */
export function asTextMap(value: unknown): Readonly<Record<string, string>> | undefined {
  const fields = asFields(value);
  if (fields === undefined) return undefined;
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(fields)) {
    if (typeof text !== "string") return undefined;
    texts[name] = text;
  }
  return texts;
}
