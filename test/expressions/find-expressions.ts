import type { Expression } from "./pattern.ts";

/** The regular expressions that are written in TypeScript. Comments, texts and templates are passed over. */
export function findRegularExpressions(text: string): Expression[] {
  return new Reader(text).read();
}

const wordsBefore: ReadonlySet<string> = new Set(["return", "typeof", "case", "of", "in", "void", "await", "yield"]);

class Reader {
  private readonly text: string;
  private readonly found: Expression[] = [];
  /** For each open brace whether it belongs to a template. */
  private readonly braces: boolean[] = [];
  private at = 0;
  /** A value stands before: a slash divides. */
  private hasValue = false;

  constructor(text: string) {
    this.text = text.replace(/^#![^\n]*/, "");
  }

  read(): Expression[] {
    while (this.at < this.text.length) this.readNext();
    return this.found;
  }

  private readNext(): void {
    const character = this.text.charAt(this.at);
    const word = this.match(/[\w$]+/y);
    if (word !== undefined) {
      this.hasValue = !wordsBefore.has(word);
    } else if (/\s/.test(character)) this.at += 1;
    else if (this.match(/\/\/[^\n]*|\/\*[^]*?\*\//y) !== undefined) return;
    else if (this.match(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/y) !== undefined) this.hasValue = true;
    else if (character === "`") this.readTemplate();
    else if (character === "/" && !this.hasValue) {
      const written = this.match(/\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])*\/\w*/y) ?? "";
      const end = written.lastIndexOf("/");
      this.found.push({ source: written.slice(1, end), flags: written.slice(end + 1) });
      this.hasValue = true;
    } else this.readSign(character);
  }

  private readSign(character: string): void {
    if (character === "{") this.braces.push(false);
    if (character === "}" && this.braces.pop() === true) return this.readTemplate();
    this.hasValue = character === ")" || character === "]" || character === "}";
    this.at += 1;
  }

  /** From a backtick, or the brace that ends a part, to the next part or the end. */
  private readTemplate(): void {
    this.at += 1;
    this.match(/(?:\\[^]|\$(?!\{)|[^`\\$])*/y);
    const goesOn = this.text.startsWith("${", this.at);
    if (goesOn) this.braces.push(true);
    this.at += goesOn ? 2 : 1;
    this.hasValue = !goesOn;
  }

  private match(expression: RegExp): string | undefined {
    expression.lastIndex = this.at;
    const match = expression.exec(this.text)?.[0];
    this.at += match?.length ?? 0;
    return match;
  }
}
