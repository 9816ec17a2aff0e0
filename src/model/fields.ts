/** A JSON object that nobody checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** Without fields where it is none. */
export function asFields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** Empty where it is none. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}
