/** Part of a template. `isRaw`: it is written as `{{{ }}}`, and its value is not escaped. */
type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly name: string; readonly args: readonly string[]; readonly isRaw: boolean };

/** Parsed template. */
export type Template = readonly Part[];

/** Returns the value of a name or a helper's call; undefined: there is none of that name. */
export type TemplateValue = (name: string, args: readonly string[]) => string | undefined;

/**
 * Parses a Handlebars template; undefined: it uses more than values and helpers with literal arguments, which is all that docker/metadata-action
 * documents. Source: handlebarsjs.com, "Expressions".
 */
export function parseTemplate(text: string): Template | undefined {
  const parts: Part[] = [];
  let from = 0;
  let isTrimmed = false;
  const addText = (plain: string): void => {
    const kept = isTrimmed ? plain.trimStart() : plain;
    if (kept !== "") parts.push({ kind: "text", text: kept });
  };
  for (let open = text.indexOf("{{"); open >= 0; open = text.indexOf("{{", from)) {
    // Escaped braces (`\{{`) and raw blocks are not supported.
    if (text.charAt(open - 1) === "\\" || text.startsWith("{{{{", open)) return undefined;
    const isRaw = text.startsWith("{{{", open);
    const close = text.indexOf(isRaw ? "}}}" : "}}", open);
    if (close < 0) return undefined;
    const inside = text.slice(open + (isRaw ? 3 : 2), close);
    const plain = text.slice(from, open);
    addText(inside.startsWith("~") ? plain.trimEnd() : plain);
    isTrimmed = inside.endsWith("~");
    from = close + (isRaw ? 3 : 2);
    if (inside.startsWith("!")) continue;
    const value = parseValue(inside.replace(/^~/, "").replace(/~$/, ""), isRaw);
    if (value === undefined) return undefined;
    parts.push(value);
  }
  addText(text.slice(from));
  return parts;
}

function parseValue(inside: string, isRaw: boolean): Part | undefined {
  const written = inside.trim();
  const isPlain = written.startsWith("&");
  const words = wordsOf(isPlain ? written.slice(1).trim() : written);
  const [name = "", ...args] = words ?? [];
  if (!/^[A-Za-z_][\w-]*$/.test(name)) return undefined;
  return { kind: "value", name, args, isRaw: isRaw || isPlain };
}

/** Splits a tag of the template into a name and its arguments, which are texts and numbers, with or without a name; undefined: other syntax. */
function wordsOf(text: string): string[] | undefined {
  const words: string[] = [];
  const word = /(?:([A-Za-z_][\w-]*)(=?))?('[^']*'|"[^"]*"|[0-9]+)?/y;
  const space = /\s*/y;
  for (let at = 0; at < text.length;) {
    word.lastIndex = at;
    const [whole = "", name, equals = "", literal] = word.exec(text) ?? [];
    // `date'x'` and `tz=` are not valid; a name without a value can only be the first word.
    const isNamed = name !== undefined;
    if (whole === "" || (isNamed && (equals === "=") !== (literal !== undefined))) return undefined;
    if (isNamed && literal === undefined && words.length > 0) return undefined;
    words.push(whole);
    space.lastIndex = at + whole.length;
    space.exec(text);
    at = space.lastIndex;
  }
  return words;
}

/** Renders a template; undefined: it calls an unknown helper. */
export function renderTemplate(template: Template, valueOf: TemplateValue): string | undefined {
  const parts: string[] = [];
  for (const part of template) {
    if (part.kind === "text") {
      parts.push(part.text);
      continue;
    }
    const value = valueOf(part.name, part.args);
    // Handlebars renders an unknown name as an empty text, and fails for an unknown helper.
    if (value === undefined && part.args.length > 0) return undefined;
    parts.push(part.isRaw ? (value ?? "") : escapeHtml(value ?? ""));
  }
  return parts.join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#x27;",
  "`": "&#x60;",
  "=": "&#x3D;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`=]/g, (character) => entities[character] ?? character);
}
