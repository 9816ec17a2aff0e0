/** One regular expression as JavaScript reads it. A set is what one character of the text is compared with. */
export type Pattern =
  | { readonly kind: "set"; readonly has: (character: string) => boolean }
  | { readonly kind: "sequence" | "alternatives"; readonly parts: readonly Pattern[] }
  | {
      readonly kind: "repeat";
      readonly body: Pattern;
      readonly min: number;
      readonly max: number;
      readonly isLazy: boolean;
    }
  | { readonly kind: "group"; readonly body: Pattern; readonly index: number }
  | { readonly kind: "look"; readonly body: Pattern; readonly isBehind: boolean; readonly isNegative: boolean }
  | {
      readonly kind: "assertion";
      readonly isStart: boolean;
      readonly holds: (text: readonly string[], at: number) => boolean;
    }
  | { readonly kind: "backreference"; readonly index: number };

/** The source and flags of an expression. */
export interface Expression {
  readonly source: string;
  readonly flags: string;
}

/** @throws SyntaxError for what JavaScript refuses */
export function parsePattern({ source, flags }: Expression): Pattern {
  // It refuses what is none.
  const { source: read } = new RegExp(source, flags);
  return new PatternReader(read, flags).read();
}

const quantifier = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})(\?)?/y;
const escape = /\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|p\{[^}]*\}|P\{[^}]*\}|[^])/y;

class PatternReader {
  private readonly source: string;
  private readonly flags: string;
  private at = 0;
  private groups = 0;

  constructor(source: string, flags: string) {
    this.source = source;
    this.flags = flags;
  }

  read(): Pattern {
    const alternatives = [this.readSequence()];
    while (this.take("|")) alternatives.push(this.readSequence());
    const [only] = alternatives;
    return alternatives.length === 1 && only !== undefined ? only : { kind: "alternatives", parts: alternatives };
  }

  private readSequence(): Pattern {
    const parts: Pattern[] = [];
    while (this.at < this.source.length && !/[|)]/.test(this.source.charAt(this.at))) {
      parts.push(this.readRepeat(this.readAtom()));
    }
    return { kind: "sequence", parts };
  }

  private readRepeat(body: Pattern): Pattern {
    const match = this.match(quantifier);
    if (match === undefined) return body;
    const [, sign, least = "", comma, most = "", lazy] = match;
    const min = sign === undefined ? Number(least) : sign === "+" ? 1 : 0;
    const bound = comma === undefined ? min : most === "" ? Number.POSITIVE_INFINITY : Number(most);
    const max = sign === undefined ? bound : sign === "?" ? 1 : Number.POSITIVE_INFINITY;
    return { kind: "repeat", body, min, max, isLazy: lazy !== undefined };
  }

  private readAtom(): Pattern {
    if (this.take("(")) return this.readGroup();
    if (this.take("^")) return this.edge(-1);
    if (this.take("$")) return this.edge(0);
    if (this.take("\\b")) return { kind: "assertion", isStart: false, holds: isWordBoundary };
    if (this.take("\\B")) return { kind: "assertion", isStart: false, holds: (text, at) => !isWordBoundary(text, at) };
    const reference = this.match(/\\([1-9])/y);
    if (reference !== undefined) return { kind: "backreference", index: Number(reference[1]) };
    const [text = ""] = this.match(/\[(?:\\[^]|[^\]\\])*\]/y) ?? this.match(escape) ?? this.match(/[^]/uy) ?? [];
    return { kind: "set", has: memberOf(text, this.flags.replaceAll(/[gym]/g, "")) };
  }

  private readGroup(): Pattern {
    const look = this.match(/\?(<?)([=!])/y);
    const isCounted = look === undefined && this.match(/\?(?::|<[A-Za-z]\w*>)/y)?.[0] !== "?:";
    const index = isCounted ? (this.groups += 1) : 0;
    const body = this.read();
    this.take(")");
    if (look !== undefined) return { kind: "look", body, isBehind: look[1] === "<", isNegative: look[2] === "!" };
    return isCounted ? { kind: "group", body, index } : body;
  }

  /** `^` and `$`: nothing stands there, or a line's end in an expression of lines. */
  private edge(side: -1 | 0): Pattern {
    const ofLines = this.flags.includes("m");
    return {
      kind: "assertion",
      isStart: side === -1 && !ofLines,
      holds: (text, at) => {
        const character = text[at + side];
        return character === undefined || (ofLines && /[\n\r\u2028\u2029]/.test(character));
      },
    };
  }

  private take(text: string): boolean {
    const isThere = this.source.startsWith(text, this.at);
    if (isThere) this.at += text.length;
    return isThere;
  }

  private match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at;
    const match = expression.exec(this.source) ?? undefined;
    this.at += match?.[0].length ?? 0;
    return match;
  }
}

function memberOf(set: string, flags: string): (character: string) => boolean {
  const one = new RegExp(`^${set}$`, flags);
  const known = new Map<string, boolean>();
  return (character) => {
    const isKnown = known.get(character);
    if (isKnown !== undefined) return isKnown;
    const isMember = one.test(character);
    known.set(character, isMember);
    return isMember;
  };
}

function isWordBoundary(text: readonly string[], at: number): boolean {
  return /\w/.test(text[at - 1] ?? "") !== /\w/.test(text[at] ?? "");
}

/** Matches begin at the start of the text only: others are not tried. */
export function isAnchored(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case "assertion":
      return pattern.isStart;
    case "sequence":
      return pattern.parts[0] !== undefined && isAnchored(pattern.parts[0]);
    case "alternatives":
      return pattern.parts.every(isAnchored);
    case "group":
      return isAnchored(pattern.body);
    case "repeat":
      return pattern.min > 0 && isAnchored(pattern.body);
    case "set":
    case "look":
    case "backreference":
      return false;
  }
}

/** The sets of a pattern, in their order. */
export function setsOf(pattern: Pattern): ((character: string) => boolean)[] {
  switch (pattern.kind) {
    case "set":
      return [pattern.has];
    case "sequence":
    case "alternatives":
      return pattern.parts.flatMap(setsOf);
    case "repeat":
    case "group":
    case "look":
      return setsOf(pattern.body);
    case "assertion":
    case "backreference":
      return [];
  }
}
