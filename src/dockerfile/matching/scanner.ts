/** Go rejects the regular expression. */
export class GoRegexpError extends Error {
  override readonly name = "GoRegexpError";
}

/** Reads a text from left to right, by code points. */
export class Scanner {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character; empty at the end. */
  peek(): string {
    const codePoint = this.text.codePointAt(this.at);
    return codePoint === undefined ? "" : String.fromCodePoint(codePoint);
  }

  next(): string {
    const character = this.peek();
    this.at += character.length;
    return character;
  }

  /** Whether at least two more characters follow. */
  hasTwo(): boolean {
    return this.at + this.peek().length < this.text.length;
  }

  startsWith(expected: string): boolean {
    return this.text.startsWith(expected, this.at);
  }

  /** Reads the expected text if it follows; returns whether it did. */
  take(expected: string): boolean {
    if (!this.startsWith(expected)) return false;
    this.at += expected.length;
    return true;
  }

  /** Reads up to and including `end`, or to the end of the text, and returns the text before `end`. */
  takeUntil(end: string): string {
    const found = this.text.indexOf(end, this.at);
    const taken = this.text.slice(this.at, found < 0 ? undefined : found);
    this.at = found < 0 ? this.text.length : found + end.length;
    return taken;
  }

  includes(text: string): boolean {
    return this.text.includes(text, this.at);
  }

  /** Reads the text that a sticky expression matches here; undefined: it does not match. */
  match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at;
    const match = expression.exec(this.text);
    if (match === null) return undefined;
    this.at += match[0].length;
    return match;
  }
}
