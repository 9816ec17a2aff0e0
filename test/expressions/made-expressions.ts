import type { Expression } from "./pattern.ts";

/**
 * The expressions that a TypeScript text makes with `new RegExp(…)`. Constants of the file are filled in; anything else stands for a word.
 *
 * @throws Error where the text is made in a way that is not read
 */
export function findMadeExpressions(text: string): Expression[] {
  if (!text.includes("new RegExp(")) return [];
  const constants = new Map<string, string>();
  for (const [, name = "", written = ""] of text.matchAll(
    /const (\w+) =\s+((?:String\.raw)?`(?:\\[^]|[^`\\])*`|"[^"\n]*")/g,
  )) {
    const value = valueOf(written, constants);
    if (value !== undefined) constants.set(name, value);
  }
  return [...text.matchAll(made)].map(([whole, written = "", flags = ""]) => {
    const source = valueOf(written, constants);
    if (source === undefined) throw new Error(`the text of ${whole} is made in a way that is not read`);
    return { source, flags };
  });
}

/** The first argument is a template, or names and what is called on them. */
const made = /new RegExp\(\s*((?:String\.raw)?`(?:\\[^]|[^`\\])*`|[^`,]*?)\s*(?:,\s*"(\w*)")?,?\s*\)/g;
const template = /^(String\.raw)?`((?:\\[^]|[^`\\])*)`$/;

/** Of a name, a text or a template. */
function valueOf(written: string, constants: ReadonlyMap<string, string>): string | undefined {
  if (/^\w+$/.test(written)) return constants.get(written) ?? "word";
  if (written.startsWith('"')) return String(JSON.parse(written));
  const [, raw, body] = template.exec(written) ?? [];
  if (body === undefined) return undefined;
  const plain =
    raw === undefined ? body.replaceAll(/\\u([0-9a-f]{4})|\\([^])/g, unescape) : body.replaceAll("\\`", "`");
  return plain.replaceAll(/\$\{([^}]*)\}/g, (_, inner: string) =>
    /^\w+$/.test(inner) ? (constants.get(inner) ?? "word") : "word",
  );
}

function unescape(_: string, code: string | undefined, character: string | undefined): string {
  return code === undefined ? (character ?? "") : String.fromCharCode(Number.parseInt(code, 16));
}
