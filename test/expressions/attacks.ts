import { makeAutomaton, type Place } from "./automaton.ts";
import { Backtracker } from "./backtracking.ts";
import { type Expression, parsePattern, type Pattern, setsOf } from "./pattern.ts";

/** Texts `start + again × n + end` for which a matcher's steps grow faster than n. */
export interface Attack {
  readonly start: string;
  readonly again: string;
  readonly end: string;
  /** For n, 2n and 4n. */
  readonly steps: readonly [number, number, number];
}

/**
 * A text that an expression takes more than linear time to find all its matches in, or undefined where there is none.
 *
 * A matcher that backtracks goes every way from place to place of the expression that the text allows. The ways are more than
 * linear in a text only where, by one word, a place comes back to itself, reaches another place, and that one comes back to
 * itself: each repetition of the word then begins one more way (Weber and Seidl, "On the degree of ambiguity of finite
 * automata", 1991). So each such word is looked for, and tried with ends that can make the matches fail.
 */
export function findAttack(expression: Expression): Attack | undefined {
  const pattern = parsePattern(expression);
  const letters = lettersOf(pattern);
  const backtracker = new Backtracker(pattern);
  // The neighbours of a word decide whether it has a boundary there.
  const beside = [
    "",
    letters.find((letter) => /\w/.test(letter)) ?? "a",
    letters.find((letter) => !/[\w\n]/.test(letter)) ?? " ",
  ];
  for (const { start, again } of wordsOf(pattern, letters)) {
    for (const next of beside) {
      for (const end of ["", ...letters]) {
        const attack = tryAttack(backtracker, { start, again: again + next, end });
        if (attack !== undefined) return attack;
      }
    }
  }
  return undefined;
}

/** Differences are compared, so that what a match costs at its start does not count. */
function tryAttack(backtracker: Backtracker, { start, again, end }: Omit<Attack, "steps">): Attack | undefined {
  const size = again.length < 4 ? 24 : 8;
  const stepsFor = (count: number): number => backtracker.countSteps(start + again.repeat(count) + end);
  const once = stepsFor(size);
  const twice = stepsFor(2 * size);
  if (twice !== Number.POSITIVE_INFINITY && twice / once < 2.3) return undefined;
  const fourTimes = stepsFor(4 * size);
  const isLinear = fourTimes - twice < 3 * (twice - once);
  return isLinear ? undefined : { start, again, end, steps: [once, twice, fourTimes] };
}

/** One character for each way in which the sets of a pattern, and what assertions ask, can take it. */
function lettersOf(pattern: Pattern): string[] {
  const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
  const candidates = [" ", "a", "A", "0", "_", "\n", "-", ...ascii, "\u00a0", "\u2028", "\ufeff", "é", "漢", "\u0301"];
  const sets = [
    ...setsOf(pattern),
    (character: string) => /\w/.test(character),
    (character: string) => character === "\n",
  ];
  const letters = new Map<string, string>();
  for (const character of candidates) {
    const taken = sets.map((has) => (has(character) ? "1" : "0")).join("");
    if (!letters.has(taken)) letters.set(taken, character);
  }
  return [...letters.values()];
}

interface Word {
  readonly start: string;
  readonly again: string;
}

function* wordsOf(pattern: Pattern, letters: readonly string[]): Generator<Word> {
  yield* new WordFinder(makeAutomaton(pattern, 1), letters).find();
  for (const body of lookbehindsOf(pattern)) {
    for (const { again } of new WordFinder(makeAutomaton(body, -1), letters).find()) {
      yield { start: "", again: Array.from(again).reverse().join("") };
    }
  }
}

function lookbehindsOf(pattern: Pattern): Pattern[] {
  switch (pattern.kind) {
    case "sequence":
    case "alternatives":
      return pattern.parts.flatMap(lookbehindsOf);
    case "look":
      return [...(pattern.isBehind ? [pattern.body] : []), ...lookbehindsOf(pattern.body)];
    case "repeat":
    case "group":
      return lookbehindsOf(pattern.body);
    case "set":
    case "assertion":
    case "backreference":
      return [];
  }
}

type Triple = readonly [first: number, second: number, third: number];

class WordFinder {
  private readonly places: readonly Place[];
  private readonly letters: readonly string[];
  /** By place and letter, the places that read it next. */
  private readonly moves: readonly ReadonlyMap<string, readonly number[]>[];
  /** By place, all places that can be reached from it by one letter or more. */
  private readonly reached: readonly ReadonlySet<number>[];

  constructor(places: readonly Place[], letters: readonly string[]) {
    this.places = places;
    this.letters = letters;
    this.moves = places.map(({ next }) => {
      const moves = new Map<string, number[]>();
      for (const letter of letters) {
        const to = [...new Set(next)].filter((place) => places[place]?.has(letter) === true);
        if (to.length > 0) moves.set(letter, to);
      }
      return moves;
    });
    this.reached = places.map((_, place) => this.reachedFrom(place));
  }

  *find(): Generator<Word> {
    const loops = this.places.flatMap((_, place) => (this.canReach(place, place) ? [place] : []));
    for (const from of loops) {
      const start = this.wordBetween(0, from);
      for (const again of this.twiceReached(from)) yield { start, again };
      for (const to of loops) {
        if (to === from || !this.canReach(from, to)) continue;
        for (const letter of this.letters) {
          const again = this.wordFor(from, to, letter);
          if (again !== undefined) yield { start, again };
        }
      }
    }
  }

  /** The shortest word with this first letter by which `from` comes back to itself and reaches `to`, and `to` comes back to itself. */
  private wordFor(from: number, to: number, letter: string): string | undefined {
    const words = new Map<string, { at: Triple; word: string }>([["", { at: [from, from, to], word: "" }]]);
    for (const { at, word } of words.values()) {
      for (const taken of word === "" ? [letter] : this.letters) {
        for (const triple of this.tripleMoves(at, taken)) {
          const [first, second, third] = triple;
          if (first === from && second === to && third === to) return word + taken;
          const canEnd = this.canReach(first, from) && this.canReach(second, to) && this.canReach(third, to);
          const key = triple.join();
          if (canEnd && !words.has(key)) words.set(key, { at: triple, word: word + taken });
        }
      }
    }
    return undefined;
  }

  private canReach(from: number, to: number): boolean {
    return this.reached[from]?.has(to) === true;
  }

  private tripleMoves([first, second, third]: Triple, letter: string): Triple[] {
    const [firsts, seconds, thirds] = [first, second, third].map((place) => this.moves[place]?.get(letter) ?? []);
    return (firsts ?? []).flatMap((one) =>
      (seconds ?? []).flatMap((two) => (thirds ?? []).map((three): Triple => [one, two, three])),
    );
  }

  /** A word by which a place comes back to itself, where a step of it can be gone in two ways. */
  private twiceReached(from: number): string[] {
    const next = this.places[from]?.next ?? [];
    const twice = next.filter((place, index) => next.indexOf(place) !== index);
    return twice
      .filter((place) => place === from || this.canReach(place, from))
      .flatMap((place) =>
        this.letters
          .filter((letter) => this.places[place]?.has(letter) === true)
          .map((letter) => letter + (place === from ? "" : this.wordBetween(place, from))),
      );
  }

  private reachedFrom(place: number): ReadonlySet<number> {
    const reached = new Set<number>();
    const open = [place];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const to of [...(this.moves[at]?.values() ?? [])].flat()) {
        if (reached.has(to)) continue;
        reached.add(to);
        open.push(to);
      }
    }
    return reached;
  }

  /** The shortest word that leads from one place to another. */
  private wordBetween(from: number, to: number): string {
    const words = new Map([[from, ""]]);
    for (const [at, word] of words) {
      if (at === to) return word;
      for (const [letter, places] of this.moves[at] ?? []) {
        for (const place of places) if (!words.has(place)) words.set(place, word + letter);
      }
    }
    return "";
  }
}
