import type { Steps } from "../../model/steps.ts";
import type { Characters } from "./characters.ts";

/** Stand-in code point before the first character and after the last, for assertions. */
const noCharacter = -1;

/**
 * A part of a pattern. `many` matches zero or more characters of a set. `skip` makes the next items optional: matching continues with the
 * next item or `by` items further. An assertion holds between two characters.
 */
export type Item =
  | { readonly kind: "one" | "many"; readonly characters: Characters }
  | { readonly kind: "skip"; readonly by: number }
  | {
      readonly kind: "assertion";
      readonly holds: (before: number, after: number) => boolean;
      /** Whether the assertion depends on which character is before, not only on whether there is one. */
      readonly looksBack?: boolean;
    };

/** End indexes of the matches that begin at one index. */
export interface MatchEnds {
  readonly shortest: number;
  readonly longest: number;
}

/** The text to search, and where matches may begin. */
interface Search {
  readonly text: string;
  readonly from: number;
  /** Whether a match must begin at `from`; false: it may begin at any later index too. */
  readonly startsOnce: boolean;
}

/** A set of states that the matcher reaches between two characters. */
interface Situation {
  readonly seeds: readonly number[];
  readonly before: number;
  /** Moves by the code point of the next character plus one, for ASCII and the end of the text. */
  readonly moves: (Move | undefined)[];
}

interface Move {
  readonly accepts: boolean;
  /** Situation after the character; undefined: no further match is possible. */
  readonly to: Situation | undefined;
  readonly steps: number;
}

const asciiSize = 128;
/** Upper limit of remembered states over all situations. Beyond it all are forgotten and computed again. */
const mostRemembered = 20_000;

type State = Item | { readonly kind: "accept" };

/**
 * Matches texts against alternatives, each a chain of items. Follows all possibilities in parallel, so each character of the text costs at
 * most one step per item, whatever the pattern is.
 */
export class ChainMatcher {
  private readonly states: readonly State[];
  private readonly starts: readonly number[];
  /** Whether a match can begin only at the start of the text. */
  private readonly isAnchored: boolean;
  /** Round in which each state was last entered. */
  private readonly entered: Uint32Array;
  private round = 0;
  private active: number[] = [];
  private accepts = false;
  private readonly situations = new Map<string, Situation>();
  private remembered = 0;
  /** Whether an assertion depends on the character before. */
  private readonly looksBack: boolean;

  constructor(alternatives: readonly (readonly Item[])[], isAnchored: boolean) {
    const states: State[] = [];
    const starts: number[] = [];
    for (const items of alternatives) {
      starts.push(states.length);
      for (const item of items) states.push(item);
      states.push({ kind: "accept" });
    }
    this.states = states;
    this.starts = starts;
    this.isAnchored = isAnchored;
    this.looksBack = states.some((state) => state.kind === "assertion" && state.looksBack === true);
    this.entered = new Uint32Array(states.length);
  }

  /** Whether any part of the text matches. Remembers the move for each situation and ASCII character. */
  finds(text: string, steps: Steps): boolean {
    let situation = this.situationOf(this.starts, noCharacter);
    for (let at = 0; ;) {
      const after = text.codePointAt(at) ?? noCharacter;
      const known = situation.moves[after + 1];
      const move = known ?? this.moveFrom(situation, after);
      if (known === undefined && after < asciiSize) situation.moves[after + 1] = move;
      steps.take(known === undefined ? move.steps : 1);
      if (move.accepts) return true;
      if (after === noCharacter || move.to === undefined) return false;
      situation = move.to;
      at += after > 0xffff ? 2 : 1;
    }
  }

  private moveFrom(situation: Situation, after: number): Move {
    const steps = this.enter(situation.seeds, situation.before, after);
    const { accepts } = this;
    if (accepts || after === noCharacter || (this.isAnchored && this.active.length === 0)) {
      return { accepts, to: undefined, steps };
    }
    const moved = this.move(after);
    const to = this.situationOf(this.isAnchored ? moved : [...moved, ...this.starts], after);
    return { accepts, to, steps };
  }

  private situationOf(seeds: readonly number[], before: number): Situation {
    const key = `${this.looksBack ? before : before === noCharacter ? "^" : ""} ${seeds.join(" ")}`;
    const known = this.situations.get(key);
    if (known !== undefined) return known;
    this.remembered += seeds.length + 1;
    if (this.remembered > mostRemembered) {
      this.situations.clear();
      this.remembered = 0;
    }
    const made: Situation = { seeds, before, moves: [] };
    this.situations.set(key, made);
    return made;
  }

  /** Finds the ends of the matches that begin at `from`; undefined: none begins there. */
  ends(text: string, from: number, steps: Steps): MatchEnds | undefined {
    let shortest: number | undefined;
    let longest = from;
    this.run({ text, from, startsOnce: true }, steps, (at) => {
      shortest ??= at;
      longest = at;
      return false;
    });
    return shortest === undefined ? undefined : { shortest, longest };
  }

  /** All indexes at which a match ends, in order. */
  allEnds(text: string, steps: Steps): number[] {
    const ends: number[] = [];
    this.run({ text, from: 0, startsOnce: false }, steps, (at) => {
      ends.push(at);
      return false;
    });
    return ends;
  }

  private run(search: Search, steps: Steps, accept: (at: number) => boolean): boolean {
    const { text, from, startsOnce } = search;
    let before = from === 0 ? noCharacter : (text.codePointAt(from - 1) ?? noCharacter);
    let seeds: readonly number[] = this.starts;
    for (let at = from; ;) {
      const after = text.codePointAt(at) ?? noCharacter;
      steps.take(this.enter(seeds, before, after));
      if (this.accepts && accept(at)) return true;
      if (after === noCharacter || (startsOnce && this.active.length === 0)) return false;
      const moved = this.move(after);
      seeds = startsOnce ? moved : [...moved, ...this.starts];
      at += after > 0xffff ? 2 : 1;
      before = after;
    }
  }

  /** Fills `active` with the states that are reachable without reading a character. Returns the number of states entered. */
  private enter(seeds: readonly number[], before: number, after: number): number {
    this.round += 1;
    this.active = [];
    this.accepts = false;
    const open = [...seeds];
    let count = 1;
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const state = this.states[index];
      if (state === undefined || this.entered[index] === this.round) continue;
      this.entered[index] = this.round;
      count += 1;
      if (state.kind === "accept") this.accepts = true;
      else if (state.kind === "skip") open.push(index + state.by, index + 1);
      else if (state.kind === "assertion") {
        if (state.holds(before, after)) open.push(index + 1);
      } else {
        this.active.push(index);
        if (state.kind === "many") open.push(index + 1);
      }
    }
    return count;
  }

  private move(character: number): number[] {
    const moved: number[] = [];
    for (const index of this.active) {
      const state = this.states[index];
      if (state === undefined || (state.kind !== "one" && state.kind !== "many")) continue;
      if (state.characters(character)) moved.push(state.kind === "one" ? index + 1 : index);
    }
    return moved;
  }
}
