/**
 * Splits one line of comma-separated fields, quoted with `"` where needed, as `--mount` of a Dockerfile and the flags of buildx take them (Go,
 * encoding/csv). Undefined: malformed.
 */
export function splitCsv(text: string): readonly string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      const end = endOfQuoted(text, at);
      if (end === undefined || (end < text.length && text[end] !== ",")) return undefined;
      fields.push(text.slice(at + 1, end - 1).replaceAll('""', '"'));
      at = end;
    } else {
      const end = text.indexOf(",", at);
      const field = text.slice(at, end < 0 ? text.length : end);
      if (field.includes('"')) return undefined;
      fields.push(field);
      at += field.length;
    }
    if (at >= text.length) return fields;
    at++;
  }
}

/** Returns the index after the quote that ends a field; a doubled quote is one character of the field. */
function endOfQuoted(text: string, start: number): number | undefined {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at + 1;
  }
  return undefined;
}

/** Splits `type=image,name=a` into pairs with names in lower case. Undefined: malformed, or a field has no `=`. */
export function splitCsvPairs(text: string): readonly (readonly [name: string, value: string])[] | undefined {
  const fields = splitCsv(text);
  if (fields?.every((field) => field.includes("=")) !== true) return undefined;
  return fields.map((field) => {
    const at = field.indexOf("=");
    return [field.slice(0, at).trim().toLowerCase(), field.slice(at + 1)] as const;
  });
}
