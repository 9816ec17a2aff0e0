import type { Steps } from "../../model/steps.ts";
import { codePoints, isSpace } from "./go-text.ts";
import { ExpandError, replaceMatching, trimMatching } from "../matching/shell-pattern.ts";

/** Looks up the value of a variable; undefined: it is not set. */
export type Variables = (name: string) => string | undefined;

export interface LexOptions {
  readonly escape: string;
  readonly variables: Variables;
  /** Whether to keep quotes and escapes, and to leave unset variables as written. */
  readonly raw: { readonly quotes: boolean; readonly escapes: boolean; readonly unset: boolean };
  /** Step limit; one step for each character read or produced. */
  readonly steps: Steps;
}

/** Deepest nesting of `${A:-${B:-…}}`; each level is a recursion. */
const maximumDepth = 200;

/** Collects the words of a text. Splits at white space, except where a quote or an escape protects it. */
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

/** Reads text as a shell does: the quotes, escapes and variables that BuildKit supports. */
export class Lexer {
  private readonly characters: readonly string[];
  private readonly options: LexOptions;
  private at = 0;
  private depth = 0;
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
      this.options.steps.take(1);
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
        this.options.steps.take(value.length);
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
    this.options.steps.take(Math.max(0, end - this.at));
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
      this.options.steps.take(1);
      if (character === "$") {
        const value = this.readVariable();
        this.options.steps.take(value.length);
        text += value;
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

  /** Reads `<<` with the white space after it, which belongs to the word of a here-document. */
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
    if (operator === undefined) throw new ExpandError('"}" is missing');
    const isPattern = operator === "#" || operator === "%";
    if (!"+-?#%".includes(operator) || (isPattern && emptyIsUnset)) {
      throw new ExpandError(`"${emptyIsUnset ? ":" : ""}${operator}" is no modifier of \${${name}}`);
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
        return trimMatching(value ?? "", word, operator === "#" ? "#" : "%", this.options.steps);
    }
  }

  private readReplaced(name: string): string {
    const isForAll = this.peek() === "/";
    if (isForAll) this.at++;
    const pattern = this.readNested("/", true);
    const replacement = this.readNested("}", true);
    const value = this.options.variables(name);
    if (value === undefined && this.options.raw.unset) return `\${${name}/${pattern}/${replacement}}`;
    return replaceMatching(value ?? "", { pattern, replacement, isForAll }, this.options.steps);
  }

  private readNested(stop: string, keepsEscapes: boolean): string {
    if (this.depth >= maximumDepth)
      throw new ExpandError(`expressions are more than ${maximumDepth} deep in each other`);
    const outer = this.keepsEscapes;
    this.keepsEscapes = keepsEscapes;
    this.depth += 1;
    const { text } = this.readUntil(stop);
    this.depth -= 1;
    this.keepsEscapes = outer;
    return text;
  }
}
