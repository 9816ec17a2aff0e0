/** Part of a JavaScript regular expression, limited to the syntax that patterns of tags use. */
export type RegExpNode =
  | { readonly kind: "character"; readonly accepts: (character: string) => boolean }
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  | { readonly kind: "boundary"; readonly isNegated: boolean }
  | { readonly kind: "sequence"; readonly of: readonly RegExpNode[] }
  | { readonly kind: "choice"; readonly of: readonly RegExpNode[] }
  /** Group; `index`: number of its capture, or undefined if it does not capture. */
  | { readonly kind: "group"; readonly index: number | undefined; readonly of: RegExpNode }
  | {
      readonly kind: "repeat";
      readonly of: RegExpNode;
      readonly least: number;
      readonly most: number;
      readonly isLazy: boolean;
      /** Numbers of the captures inside the repeated part. */
      readonly captures: readonly number[];
    };

type Accepts = (character: string) => boolean;

const deepestGroup = 50;

/** Parses a pattern; `ignoresCase`: the flag `i`. Look-around, references, named groups and Unicode classes are not supported ("not read"). */
export function parseRegExp(pattern: string, ignoresCase: boolean): RegExpNode | "not read" | "invalid" {
  const reader = new Reader(pattern, ignoresCase);
  const node = reader.readChoice();
  if (node !== undefined && reader.isAtEnd()) return node;
  return reader.hasMore ? "not read" : "invalid";
}

class Reader {
  readonly #text: string;
  readonly #ignoresCase: boolean;
  #at = 0;
  #captures = 0;
  #depth = 0;
  /** Whether the pattern uses syntax that is not supported. */
  hasMore = false;

  constructor(text: string, ignoresCase: boolean) {
    this.#text = text;
    this.#ignoresCase = ignoresCase;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  readChoice(): RegExpNode | undefined {
    const of: RegExpNode[] = [];
    do {
      const sequence = this.#readSequence();
      if (sequence === undefined) return undefined;
      of.push(sequence);
    } while (this.#take("|"));
    return { kind: "choice", of };
  }

  #readSequence(): RegExpNode | undefined {
    const of: RegExpNode[] = [];
    while (!this.isAtEnd() && !/[|)]/.test(this.#text.charAt(this.#at))) {
      const before = this.#captures;
      const atom = this.#readAtom();
      const captures = Array.from({ length: this.#captures - before }, (_, index) => before + index + 1);
      const repeated = atom === undefined ? undefined : this.#readRepeat(atom, captures);
      if (repeated === undefined) return undefined;
      of.push(repeated);
    }
    return { kind: "sequence", of };
  }

  #readAtom(): RegExpNode | undefined {
    const character = this.#text.charAt(this.#at);
    this.#at += 1;
    switch (character) {
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case ".":
        return { kind: "character", accepts: (each) => each !== "\n" && each !== "\r" };
      case "(":
        return this.#readGroup();
      case "[":
        return this.#readSet();
      case "\\":
        return this.#readEscape();
      case "*":
      case "+":
      case "?":
        return undefined;
      default:
        return { kind: "character", accepts: this.#folded((each) => each === character) };
    }
  }

  #readGroup(): RegExpNode | undefined {
    this.#depth += 1;
    const captures = !this.#take("?:");
    if (this.#depth > deepestGroup || (captures && this.#text.charAt(this.#at) === "?")) return this.#leave();
    const index = captures ? (this.#captures += 1) : undefined;
    const of = this.readChoice();
    this.#depth -= 1;
    return of !== undefined && this.#take(")") ? { kind: "group", index, of } : undefined;
  }

  #readEscape(): RegExpNode | undefined {
    const character = this.#text.charAt(this.#at);
    this.#at += 1;
    if (character === "b" || character === "B") return { kind: "boundary", isNegated: character === "B" };
    const accepts = escaped(character);
    return accepts === undefined ? this.#leave() : { kind: "character", accepts: this.#folded(accepts) };
  }

  #leave(): undefined {
    this.hasMore = true;
    return undefined;
  }

  #readSet(): RegExpNode | undefined {
    const isNegated = this.#take("^");
    const all: Accepts[] = [];
    while (!this.#take("]")) {
      const low = this.#readMember();
      if (low === undefined) return undefined;
      const isRange = typeof low === "string" && /^-[^\]]/.test(this.#text.slice(this.#at, this.#at + 2));
      if (!isRange) {
        all.push(typeof low === "string" ? (each) => each === low : low);
        continue;
      }
      this.#at += 1;
      const high = this.#readMember();
      if (typeof high !== "string") return undefined;
      all.push((each) => low <= each && each <= high);
    }
    const accepts = this.#folded((each) => all.some((one) => one(each)));
    return { kind: "character", accepts: isNegated ? (each) => !accepts(each) : accepts };
  }

  /** Reads a character, or a class such as `\d`. */
  #readMember(): string | Accepts | undefined {
    if (this.isAtEnd()) return undefined;
    const character = this.#text.charAt(this.#at);
    this.#at += 1;
    if (character !== "\\") return character;
    const next = this.#text.charAt(this.#at);
    this.#at += 1;
    return /[dDwWsS]/.test(next) ? escaped(next) : /\w/.test(next) ? this.#leave() : next;
  }

  #readRepeat(of: RegExpNode, captures: readonly number[]): RegExpNode {
    const counted = /^(?:([*+?])|\{([0-9]{1,3})(,?)([0-9]{0,3})\})(\??)/.exec(
      this.#text.slice(this.#at, this.#at + 12),
    );
    if (counted === null) return of;
    const [whole, sign, low, comma, high, lazy] = counted;
    this.#at += whole.length;
    const least = sign === undefined ? Number(low) : sign === "+" ? 1 : 0;
    const limit = high === "" ? Infinity : Number(high);
    const most = sign === undefined ? (comma === "" ? least : limit) : sign === "?" ? 1 : Infinity;
    return { kind: "repeat", of, least, most, isLazy: lazy === "?", captures };
  }

  #take(text: string): boolean {
    const isThere = this.#text.startsWith(text, this.#at);
    if (isThere) this.#at += text.length;
    return isThere;
  }

  #folded(accepts: Accepts): Accepts {
    if (!this.#ignoresCase) return accepts;
    return (each) => accepts(each) || accepts(each.toLowerCase()) || accepts(each.toUpperCase());
  }
}

function escaped(character: string): Accepts | undefined {
  const classes: Readonly<Record<string, RegExp>> = { d: /\d/, D: /\D/, w: /\w/, W: /\W/, s: /\s/, S: /\S/ };
  const known = classes[character];
  if (known !== undefined) return (each) => known.test(each);
  return character === "" || /\w/.test(character) ? undefined : (each) => each === character;
}
