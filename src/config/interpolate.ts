/** Looks a variable up; undefined: not set. */
export type Lookup = (name: string) => string | undefined;

export interface Filled {
  readonly text: string;
  /** Variables without a value and without a default; they count as empty, as in Compose. */
  readonly unset: readonly string[];
  /** What `${X:?message}` and wrong syntax say; undefined: nothing. */
  readonly fault: string | undefined;
}

/** Compose's interpolation: `$X`, `${X}`, `${X:-d}`, `${X-d}`, `${X:?m}`, `${X?m}`, `${X:+r}`, `${X+r}`, nested, and `$$`. */
export function interpolate(text: string, lookup: Lookup): Filled {
  const unset: string[] = [];
  let fault: string | undefined;
  const fill = (part: string): string => {
    let filled = "";
    for (let index = 0; index < part.length;) {
      const rest = part.slice(index);
      const bare = /^\$([A-Za-z_]\w*)/.exec(rest);
      if (!rest.startsWith("$")) {
        filled += rest[0] ?? "";
        index += 1;
      } else if (rest.startsWith("$$")) {
        filled += "$";
        index += 2;
      } else if (bare !== null) {
        filled += valueOf(bare[1] ?? "");
        index += bare[0].length;
      } else {
        const end = rest.startsWith("${") ? closingBrace(rest) : -1;
        if (end < 0) {
          fault ??= `${JSON.stringify(text)} has a "$" that begins no variable; write "$$" for the sign itself`;
          return filled;
        }
        filled += substitute(rest.slice(2, end));
        index += end + 1;
      }
    }
    return filled;
  };
  const valueOf = (name: string): string => {
    const value = lookup(name);
    if (value === undefined) unset.push(name);
    return value ?? "";
  };
  const substitute = (inside: string): string => {
    const [, name = "", operator = "", word = ""] = /^([A-Za-z_]\w*)(?:(:?[-?+])(.*))?$/s.exec(inside) ?? [];
    if (name === "") {
      fault ??= `"\${${inside}}" is no variable`;
      return "";
    }
    if (operator === "") return valueOf(name);
    const value = lookup(name);
    const isSet = value !== undefined && (value !== "" || !operator.startsWith(":"));
    if (operator.endsWith("+")) return isSet ? fill(word) : "";
    if (isSet) return value;
    if (operator.endsWith("-")) return fill(word);
    fault ??= `the variable ${name} is required${word === "" ? "" : `: ${fill(word)}`}`;
    return "";
  };
  return { text: fill(text), unset, fault };
}

/** The brace that closes the one `text` begins with, past those inside. */
function closingBrace(text: string): number {
  let depth = 0;
  for (let index = 1; index < text.length; index += 1) {
    if (text[index] === "{" && text[index - 1] === "$") depth += 1;
    if (text[index] === "}") {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return -1;
}

/** Reads a `.env` file as Compose does: quotes, `export`, comments, variables of the file and of `lookup`, which wins. */
export function parseEnvFile(text: string, lookup: Lookup): Map<string, string> {
  const values = new Map<string, string>();
  const known: Lookup = (name) => lookup(name) ?? values.get(name);
  const pattern =
    /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\r\n]*))/gm;
  for (const [, name = "", single, double, bare] of text.replace(/^\uFEFF/, "").matchAll(pattern)) {
    if (single !== undefined) values.set(name, single.replaceAll("\\'", "'"));
    else if (double !== undefined) values.set(name, interpolate(unescape(double), known).text);
    else values.set(name, interpolate((bare ?? "").replace(/(?:^|\s)#.*$/, "").trim(), known).text);
  }
  return values;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", $: "$$" };

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_whole, character: string) => escapes[character] ?? character);
}
