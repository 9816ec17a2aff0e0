import type { Steps } from "../../model/steps.ts";
import type { Characters } from "./characters.ts";

/** The code point that an assertion is given before the first character and after the last. */
const noCharacter = -1;

/**
 * A part of a pattern. `many` is none or more characters of a set. `skip` makes the next items optional: matching goes on
 * behind it or `by` items further. An assertion holds between two characters.
 */
export type Item =
  | { readonly kind: "one" | "many"; readonly characters: Characters }
  | { readonly kind: "skip"; readonly by: number }
  | {
      readonly kind: "assertion";
      readonly holds: (before: number, after: number) => boolean;
      /** It asks more of the character before than whether there is one. */
      readonly looksBack?: boolean;
    };

/** Where the matches that begin at one place end, as indices of the text. */
export interface Ends {
  readonly shortest: number;
  readonly longest: number;
}

/** Where matches are looked for. */
interface Search {
  readonly text: string;
  readonly from: number;
  /** A match begins at `from`, and nowhere behind it. */
  readonly startsOnce: boolean;
}

/** States that are reached between two characters. */
interface Situation {
  readonly seeds: readonly number[];
  readonly before: number;
  /** By code point of the next character, plus one; for ASCII and the end of the text. */
  readonly moves: (Move | undefined)[];
}

interface Move {
  readonly accepts: boolean;
  /** Undefined: nothing more can match. */
  readonly to: Situation | undefined;
  readonly steps: number;
}

const asciiSize = 128;
/** States in all situations together; what is more is forgotten, and worked out again. */
const mostRemembered = 20_000;

type State = Item | { readonly kind: "accept" };

/**
 * Matches texts against alternatives, each a chain of items, with all possibilities side by side: a character of the text
 * costs at most one step for each item, whatever the pattern is.
 */
export class ChainMatcher {
  private readonly states: readonly State[];
  private readonly starts: readonly number[];
  /** A match can begin at the start of the text only. */
  private readonly isAnchored: boolean;
  /** The round in which a state was last entered. */
  private readonly entered: Uint32Array;
  private round = 0;
  private active: number[] = [];
  private accepts = false;
  private readonly situations = new Map<string, Situation>();
  private remembered = 0;
  /** An assertion asks what the character before is. */
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

  /** Whether any part of the text matches. What was worked out for a situation and an ASCII character is remembered. */
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

  /** Undefined: no match begins at `from`. */
  ends(text: string, from: number, steps: Steps): Ends | undefined {
    let shortest: number | undefined;
    let longest = from;
    this.run({ text, from, startsOnce: true }, steps, (at) => {
      shortest ??= at;
      longest = at;
      return false;
    });
    return shortest === undefined ? undefined : { shortest, longest };
  }

  /** Every place at which some match ends, in order. */
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

  /** Fills `active` with the states that are reached without a character. Gives the number of states that were entered. */
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
