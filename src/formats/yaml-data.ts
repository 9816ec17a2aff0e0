/** A value of both YAML and JSON. */
export type YamlValue =
  | string
  | number
  | boolean
  | null
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue | undefined };

export type YamlMap = { readonly [key: string]: YamlValue | undefined };

/** The value as a map; empty for other values. */
export function asMap(value: YamlValue | undefined): YamlMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as YamlMap) : {};
}

/** A scalar as text; null and absent values are empty. */
export function yamlText(value: YamlValue | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** One text or a list of them. */
export function yamlTexts(value: YamlValue | undefined): string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? (value as readonly YamlValue[]) : [value]).map(yamlText);
}

/** Lines of an action's input that takes a list: separated by lines, or by commas too. */
export function inputLines(value: YamlValue | undefined, separator: "lines" | "commas" = "lines"): string[] {
  return yamlText(value)
    .split(separator === "lines" ? "\n" : /[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
