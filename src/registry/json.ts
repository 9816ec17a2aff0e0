/**
 * Reads JSON of which nothing is certain, by hand: a schema library takes longer to load than all requests of a plan.
 */

/** An object of which only the names are known. */
export type Fields = Readonly<Record<string, unknown>>;

/** Undefined when it is no JSON. */
export function parseJson(content: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof content === "string" ? content : new TextDecoder().decode(content));
  } catch {
    return undefined;
  }
}

/** Undefined when it is no object. */
export function asFields(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** Undefined when it is no text. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Undefined when it is no list. */
export function asList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** An object whose values are all text. */
export function asTexts(value: unknown): Readonly<Record<string, string>> | undefined {
  const fields = asFields(value);
  if (fields === undefined) return undefined;
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(fields)) {
    if (typeof text !== "string") return undefined;
    texts[name] = text;
  }
  return texts;
}
