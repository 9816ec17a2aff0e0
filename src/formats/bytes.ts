const units: Readonly<Record<string, number>> = { "": 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** Parses a size with a decimal unit: `500MB`, `1.5 GB`, `64 kB`; undefined: the text is none. */
export function parseBytes(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d{1,12}(?:\.\d{1,6})?) ?([kKmMgGtT]?[bB])$/.exec(text) ?? [];
  const bytes = Number(count) * (units[unit.toUpperCase()] ?? Number.NaN);
  return bytes >= 0 ? bytes : undefined;
}
