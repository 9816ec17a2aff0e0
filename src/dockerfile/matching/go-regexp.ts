import { addAll } from "../../model/lists.ts";
import type { Steps } from "../../model/steps.ts";
import { ChainMatcher, type Item } from "./chain.ts";
import { type Characters, oneCharacter } from "./characters.ts";
import { readCharacterClass, readEscapedClass, readEscapedCharacter } from "./go-class.ts";
import { GoRegexpError, Scanner } from "./scanner.ts";

/** Upper limit of items in an expression with its repetitions written out. BuildKit accepts about 3,000,000. */
const maximumItems = 100_000;
/** Go's upper limit of one counted repetition. */
const maximumRepetition = 1000;

const newline = 10;
const slash = 47;
const anyInLine: Characters = (codePoint) => codePoint !== newline;
const isWord: Characters = (codePoint) =>
  (codePoint >= 48 && codePoint <= 57) ||
  (codePoint >= 65 && codePoint <= 90) ||
  codePoint === 95 ||
  (codePoint >= 97 && codePoint <= 122);

const atStart: Item = { kind: "assertion", holds: (before) => before < 0 };
const atEnd: Item = { kind: "assertion", holds: (_, after) => after < 0 };
const atBoundary: Item = {
  kind: "assertion",
  holds: (before, after) => isWord(before) !== isWord(after),
  looksBack: true,
};
const atNoBoundary: Item = {
  kind: "assertion",
  holds: (before, after) => isWord(before) === isWord(after),
  looksBack: true,
};

/**
 * Compiles the subset of Go's regular expressions that patterns of ignore files produce: characters, classes, escapes, `.`, `*`, counted
 * repetitions, alternatives, anchors, and the group for any folders. Undefined: Go rejects it. A match may be anywhere in the text.
 */
export function compileGoRegexp(source: string): ((text: string, steps: Steps) => boolean) | undefined {
  try {
    const alternatives = new Parser(source).parse();
    const isAnchored = alternatives.every(([first]) => first === atStart);
    const matcher = new ChainMatcher(alternatives, isAnchored);
    return (text, steps) => matcher.finds(text, steps);
  } catch (error) {
    if (error instanceof GoRegexpError) return undefined;
    throw error;
  }
}

class Parser {
  private readonly scanner: Scanner;
  /** The alternative that is being read: the last one. */
  private current: Item[] = [];
  private readonly alternatives: Item[][] = [this.current];
  private count = 0;
  /** Item that a following repetition repeats. Undefined: there is none, or it is repeated already. */
  private last: Item | undefined;

  constructor(source: string) {
    this.scanner = new Scanner(source);
  }

  parse(): readonly (readonly Item[])[] {
    while (!this.scanner.isAtEnd) this.readNext();
    return this.alternatives;
  }

  private readNext(): void {
    const { scanner } = this;
    const character = scanner.peek();
    if (character === "\\") return this.readEscape();
    if (character === "[") return this.add({ kind: "one", characters: readCharacterClass(scanner) });
    if (character === "{" && this.readRepetition()) return;
    scanner.next();
    switch (character) {
      case "^":
        return this.add(atStart);
      case "$":
        return this.add(atEnd);
      case ".":
        return this.add({ kind: "one", characters: anyInLine });
      case "|":
        this.current = [];
        this.alternatives.push(this.current);
        this.last = undefined;
        return;
      case "*":
        return this.repeat(0, undefined);
      case "(":
        return this.readGroup();
      default:
        return this.addCharacter(character);
    }
  }

  /** Reads the only group that a pattern produces: zero or more folders. */
  private readGroup(): void {
    if (!this.scanner.take(".*/)?")) throw new GoRegexpError("a group");
    const dots: Item = { kind: "many", characters: anyInLine };
    const end: Item = { kind: "one", characters: oneCharacter(slash) };
    this.append([{ kind: "skip", by: 3 }, dots, end]);
    this.last = undefined;
  }

  private readEscape(): void {
    const { scanner } = this;
    if (scanner.take("\\Q")) {
      for (const character of scanner.takeUntil("\\E")) this.addCharacter(character);
    } else if (scanner.take("\\A")) this.add(atStart);
    else if (scanner.take("\\z")) this.add(atEnd);
    else if (scanner.take("\\b")) this.add(atBoundary);
    else if (scanner.take("\\B")) this.add(atNoBoundary);
    else {
      const characters = readEscapedClass(scanner) ?? oneCharacter(readEscapedCharacter(scanner));
      this.add({ kind: "one", characters });
    }
  }

  /** Reads `{2}`, `{2,}` or `{2,3}`. Returns false if the brace is a literal. */
  private readRepetition(): boolean {
    const match = this.scanner.match(/\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/y);
    if (match === undefined) return false;
    const low = Number(match[1]);
    const high = match[2] === undefined ? low : match[3] === undefined ? undefined : Number(match[3]);
    if (low > maximumRepetition || (high !== undefined && (high > maximumRepetition || high < low))) {
      throw new GoRegexpError("a repetition");
    }
    this.repeat(low, high);
    return true;
  }

  private repeat(low: number, high: number | undefined): void {
    const { last } = this;
    if (last === undefined) throw new GoRegexpError("a repetition of nothing");
    this.current.pop();
    this.count -= 1;
    // A repeated assertion has the same effect as one.
    const times = last.kind === "assertion" ? Math.min(low, 1) : low;
    for (let index = 0; index < times; index++) this.append([last]);
    if (last.kind !== "assertion") {
      if (high === undefined && last.kind === "one") this.append([{ kind: "many", characters: last.characters }]);
      for (let index = low; index < (high ?? low); index++) this.append([{ kind: "skip", by: 2 }, last]);
    }
    this.last = undefined;
  }

  private addCharacter(character: string): void {
    this.add({ kind: "one", characters: oneCharacter(character.codePointAt(0) ?? 0) });
  }

  private add(item: Item): void {
    this.append([item]);
    this.last = item;
  }

  private append(items: readonly Item[]): void {
    this.count += items.length;
    if (this.count > maximumItems) throw new GoRegexpError("too long");
    addAll(this.current, items);
  }
}
