import { codePoints, escapeRegExp, isSpace } from "./go-text.ts";

/** A fault in an expression such as `${X:?must be set}`; the caller knows the place. */
export class ExpandError extends Error {
  override readonly name = "ExpandError";
}

/** The value of a variable, or undefined when it is not set. */
export type Variables = (name: string) => string | undefined;

interface LexOptions {
  readonly escape: string;
  readonly variables: Variables;
  /** Keep quotes and escapes in the result, and leave unset variables as they are written. */
  readonly raw: { readonly quotes: boolean; readonly escapes: boolean; readonly unset: boolean };
}

const cooked = { quotes: false, escapes: false, unset: false } as const;

/**
 * Expands variables and removes quotes as BuildKit does for one word: `$X`, `${X}`, `${X:-d}`, `${X-d}`, `${X:+d}`,
 * `${X+d}`, `${X:?m}`, `${X?m}`, `${X#p}`, `${X##p}`, `${X%p}`, `${X%%p}`, `${X/p/r}`, `${X//p/r}`.
 * @throws ExpandError
 */
export function expandWord(word: string, variables: Variables, escape: string): string {
  return new Lexer(word, { escape, variables, raw: cooked }).readUntil(undefined).text;
}

/** A here-document's beginning as a word of its line: `<<EOF`, `<<-"EOF"`, `3<<EOF`. */
export interface HeredocStart {
  readonly name: string;
  /** Tabs at the start of its lines are removed. */
  readonly chomp: boolean;
  /** Variables in it are expanded: its name is not quoted. */
  readonly expand: boolean;
}

const heredocPattern = /^(\d*)<<(-?)[\t\n\f\r ]*([^<]*)$/;
const unset: Variables = () => undefined;

/** The here-document that a word begins, if it begins one. */
export function parseHeredocStart(word: string): HeredocStart | undefined {
  const match = heredocPattern.exec(word);
  const rest = match?.[3] ?? "";
  if (match === null || rest === "") return undefined;
  const words = splitWords(rest, { quotes: false, escapes: false, unset: true });
  const [name] = words;
  if (name === undefined || words.length !== 1) return undefined;
  const [quoted = ""] = splitWords(rest, { quotes: true, escapes: false, unset: true });
  return { name, chomp: match[2] === "-", expand: countQuotes(name) === countQuotes(quoted) };
}

/** The here-documents that a line begins, in order. */
export function heredocsOfLine(line: string): readonly HeredocStart[] {
  let words: readonly string[];
  try {
    words = splitWords(line, { quotes: true, escapes: true, unset: true });
  } catch {
    return [];
  }
  return words.map(parseHeredocStart).filter((start) => start !== undefined);
}

function splitWords(text: string, raw: LexOptions["raw"]): readonly string[] {
  return new Lexer(text, { escape: "\\", variables: unset, raw }).readUntil(undefined).words;
}

function countQuotes(text: string): number {
  return text.replace(/[^'"]/g, "").length;
}

/** Collects the words of a text: split at white space, except where a quote or an escape protects it. */
class Words {
  readonly done: string[] = [];
  private word = "";

  addProtected(text: string): void {
    this.word += text;
  }

  addSplitting(text: string): void {
    for (const character of text) {
      if (isSpace(character)) this.finish();
      else this.word += character;
    }
  }

  finish(): void {
    if (this.word !== "") this.done.push(this.word);
    this.word = "";
  }
}

class Lexer {
  private readonly characters: readonly string[];
  private readonly options: LexOptions;
  private at = 0;
  private keepsEscapes: boolean;

  constructor(text: string, options: LexOptions) {
    this.characters = codePoints(text);
    this.options = options;
    this.keepsEscapes = options.raw.escapes;
  }

  readUntil(stop: string | undefined): { text: string; words: readonly string[] } {
    const words = new Words();
    let text = "";
    for (;;) {
      const character = this.peek();
      if (character === undefined) break;
      if (character === stop) {
        this.at++;
        words.finish();
        return { text, words: words.done };
      }
      if (character === "'" || character === '"') {
        const quoted = character === "'" ? this.readSingleQuoted() : this.readDoubleQuoted();
        text += quoted;
        words.addProtected(quoted);
      } else if (character === "$") {
        const value = this.readVariable();
        text += value;
        words.addSplitting(value);
      } else if (character === "<") {
        const arrows = this.readArrows();
        text += arrows;
        words.addProtected(arrows);
      } else if (character === this.options.escape) {
        this.at++;
        const escaped = this.next();
        const kept = `${this.keepsEscapes ? character : ""}${escaped ?? ""}`;
        text += kept;
        words.addProtected(kept);
      } else {
        this.at++;
        text += character;
        words.addSplitting(character);
      }
    }
    if (stop !== undefined) throw new ExpandError(`"${stop}" is missing`);
    words.finish();
    return { text, words: words.done };
  }

  private peek(): string | undefined {
    return this.characters[this.at];
  }

  private next(): string | undefined {
    const character = this.characters[this.at];
    this.at++;
    return character;
  }

  private readSingleQuoted(): string {
    const quote = this.options.raw.quotes ? "'" : "";
    this.at++;
    const end = this.characters.indexOf("'", this.at);
    if (end < 0) throw new ExpandError("a single quote is not closed");
    const text = this.characters.slice(this.at, end).join("");
    this.at = end + 1;
    return quote + text + quote;
  }

  private readDoubleQuoted(): string {
    const { escape, raw } = this.options;
    const quote = raw.quotes ? '"' : "";
    this.at++;
    let text = quote;
    for (;;) {
      const character = this.peek();
      if (character === undefined) throw new ExpandError("a double quote is not closed");
      if (character === "$") {
        text += this.readVariable();
        continue;
      }
      this.at++;
      if (character === '"') return text + quote;
      if (character !== escape) {
        text += character;
        continue;
      }
      if (this.keepsEscapes) text += character;
      const escaped = this.peek();
      if (escaped === undefined) continue;
      if (escaped === '"' || escaped === "$" || escaped === escape) {
        this.at++;
        text += escaped;
      } else {
        text += character;
      }
    }
  }

  /** White space between `<<` and a here-document's name belongs to the word. */
  private readArrows(): string {
    this.at++;
    if (this.peek() !== "<") return "<";
    this.at++;
    let text = "<<";
    while (this.peek() === " " || this.peek() === "\t" || this.peek() === "\r") text += this.next() ?? "";
    return text;
  }

  private readVariable(): string {
    this.at++;
    if (this.peek() !== "{") {
      const name = this.readName();
      if (name === "") return "$";
      return this.options.variables(name) ?? (this.options.raw.unset ? `$${name}` : "");
    }
    this.at++;
    const first = this.peek();
    if (first === undefined) throw new ExpandError('"}" is missing');
    if (first === "{" || first === "}" || first === ":") throw new ExpandError("bad substitution");
    const name = this.readName();
    const operator = this.next();
    switch (operator) {
      case "}":
        return this.options.variables(name) ?? (this.options.raw.unset ? `\${${name}}` : "");
      case ":":
        return this.readModified(name, this.next(), true);
      case "/":
        return this.readReplaced(name);
      default:
        return this.readModified(name, operator, false);
    }
  }

  private readName(): string {
    const rest = this.characters.slice(this.at, this.at + 1).join("");
    if (/^\p{Nd}$/u.test(rest)) return this.readWhile(/^\p{Nd}$/u);
    if (/^[@*#?\-$!]$/.test(rest)) {
      this.at++;
      return rest;
    }
    return this.readWhile(/^[\p{L}\p{Nd}_]$/u);
  }

  private readWhile(pattern: RegExp): string {
    const start = this.at;
    while (pattern.test(this.peek() ?? "")) this.at++;
    return this.characters.slice(start, this.at).join("");
  }

  private readModified(name: string, operator: string | undefined, emptyIsUnset: boolean): string {
    const isPattern = operator === "#" || operator === "%";
    if (operator === undefined || !"+-?#%".includes(operator) || (isPattern && emptyIsUnset)) {
      throw new ExpandError(`"${emptyIsUnset ? ":" : ""}${operator ?? ""}" is no modifier of \${${name}}`);
    }
    const word = this.readNested("}", isPattern);
    const value = this.options.variables(name);
    if (value === undefined && this.options.raw.unset) return `\${${name}${emptyIsUnset ? ":" : ""}${operator}${word}}`;
    const isUnset = value === undefined || (emptyIsUnset && value === "");
    switch (operator) {
      case "-":
        return isUnset ? word : (value ?? "");
      case "+":
        return isUnset ? "" : word;
      case "?":
        if (isUnset) throw new ExpandError(`${name}: ${word === "" ? "must be set" : word}`);
        return value ?? "";
      default:
        return trimMatching(value ?? "", word, operator);
    }
  }

  private readReplaced(name: string): string {
    const isForAll = this.peek() === "/";
    if (isForAll) this.at++;
    const pattern = this.readNested("/", true);
    const replacement = this.readNested("}", true);
    const value = this.options.variables(name);
    if (value === undefined && this.options.raw.unset) return `\${${name}/${pattern}/${replacement}}`;
    const expression = new RegExp(shellPattern(pattern), isForAll ? "gu" : "u");
    return (value ?? "").replace(expression, (match) => (isForAll ? fillTemplate(replacement, match) : replacement));
  }

  private readNested(stop: string, keepsEscapes: boolean): string {
    const outer = this.keepsEscapes;
    this.keepsEscapes = keepsEscapes;
    const { text } = this.readUntil(stop);
    this.keepsEscapes = outer;
    return text;
  }
}

/** Removes the shortest (`#`, `%`) or longest (`##`, `%%`) beginning or end that matches. */
function trimMatching(value: string, word: string, operator: string): string {
  const isGreedy = word.startsWith(operator);
  const expression = new RegExp(`^(?:${shellPattern(isGreedy ? word.slice(1) : word)})$`, "u");
  const characters = codePoints(value);
  const lengths = characters.map((_, index) => index).concat(characters.length);
  if (isGreedy) lengths.reverse();
  for (const length of lengths) {
    const cut = operator === "#" ? length : characters.length - length;
    const head = characters.slice(0, cut).join("");
    const tail = characters.slice(cut).join("");
    if (expression.test(operator === "#" ? head : tail)) return operator === "#" ? tail : head;
  }
  return value;
}

/** A shell pattern (`*`, `?`, backslash) as a regular expression. */
function shellPattern(pattern: string): string {
  const characters = codePoints(pattern);
  let source = "";
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "*") {
      source += "[^\\n]*";
    } else if (character === "?") {
      source += "[^\\n]";
    } else if (character === "\\") {
      const escaped = characters[at + 1];
      if (escaped === "}" || escaped === "/") continue;
      if (escaped !== "*" && escaped !== "?" && escaped !== "\\") {
        throw new ExpandError(`"\\${escaped ?? ""}" is no escape in the pattern "${pattern}"`);
      }
      at++;
      source += escapeRegExp(escaped);
    } else {
      source += escapeRegExp(character);
    }
  }
  return source;
}

/** Go's replacement templates: `$0` is the match; other groups do not exist here and are empty. */
function fillTemplate(template: string, match: string): string {
  return template.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
    if (whole === "$$") return "$";
    return (braced ?? plain) === "0" ? match : "";
  });
}
