/** One part of a template. `isRaw`: `{{{ }}}`, whose value is not escaped. */
type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly name: string; readonly args: readonly string[]; readonly isRaw: boolean };

/** A parsed template; undefined where it uses more of Handlebars than values and helpers with literal arguments. */
export type Template = readonly Part[];

/** The value that a name stands for; undefined: there is none of that name. */
export type TemplateValue = (name: string, args: readonly string[]) => string | undefined;

/** Reads a Handlebars template as far as docker/metadata-action's documentation uses it. Source: handlebarsjs.com, "Expressions". */
export function parseTemplate(text: string): Template | undefined {
  const parts: Part[] = [];
  let from = 0;
  let isTrimmed = false;
  const addText = (plain: string): void => {
    const kept = isTrimmed ? plain.trimStart() : plain;
    if (kept !== "") parts.push({ kind: "text", text: kept });
  };
  for (let open = text.indexOf("{{"); open >= 0; open = text.indexOf("{{", from)) {
    // `\{{` and raw blocks.
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

/** A name, and arguments: texts and numbers, each perhaps with a name; undefined: something else stands there. */
function wordsOf(text: string): string[] | undefined {
  const words: string[] = [];
  const word = /(?:([A-Za-z_][\w-]*)(=?))?('[^']*'|"[^"]*"|[0-9]+)?/y;
  const space = /\s*/y;
  for (let at = 0; at < text.length;) {
    word.lastIndex = at;
    const [whole = "", name, equals = "", literal] = word.exec(text) ?? [];
    // `date'x'` and `tz=` are none; a name alone is the first word.
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

/** The text that a template makes; undefined: it calls a helper that there is none of. */
export function renderTemplate(template: Template, valueOf: TemplateValue): string | undefined {
  const parts: string[] = [];
  for (const part of template) {
    if (part.kind === "text") {
      parts.push(part.text);
      continue;
    }
    const value = valueOf(part.name, part.args);
    // Handlebars makes nothing of an unknown name, and ends at an unknown helper.
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
