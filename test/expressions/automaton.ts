import { isAnchored, type Pattern } from "./pattern.ts";

/** A character that one place of a pattern may read, and the places that may read the next. Place 0 has read nothing of it yet. */
export interface Place {
  readonly has: (character: string) => boolean;
  /** A place that is in it twice is reached in two ways. */
  readonly next: number[];
}

/** The places by which one part of a pattern begins and ends. */
interface Part {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly canBeEmpty: boolean;
}

/** A counted repetition is held to this many copies: more add no loop. */
const mostCopies = 3;

/**
 * What a backtracking matcher may be at after each character. What a lookahead holds is a way that ends; assertions and
 * backreferences hold always; place 0 goes on with every character where a search tries each start.
 *
 * @param direction -1 for what a lookbehind holds: it reads towards the start
 */
export function makeAutomaton(pattern: Pattern, direction: 1 | -1): readonly Place[] {
  const places: Place[] = [{ has: () => true, next: [] }];
  const whole = new Builder(places, direction).build(pattern);
  const isSearch = direction === -1 || !isAnchored(pattern);
  places[0]?.next.push(...(isSearch ? [0] : []), ...whole.first);
  return places;
}

class Builder {
  private readonly places: Place[];
  private readonly direction: 1 | -1;

  constructor(places: Place[], direction: 1 | -1) {
    this.places = places;
    this.direction = direction;
  }

  build(pattern: Pattern): Part {
    switch (pattern.kind) {
      case "set": {
        const place = this.places.push({ has: pattern.has, next: [] }) - 1;
        return { first: [place], last: [place], canBeEmpty: false };
      }
      case "sequence": {
        const parts = pattern.parts.map((part) => this.build(part));
        return this.join(this.direction === 1 ? parts : parts.reverse());
      }
      case "alternatives": {
        const parts = pattern.parts.map((part) => this.build(part));
        return {
          first: parts.flatMap(({ first }) => first),
          last: parts.flatMap(({ last }) => last),
          canBeEmpty: parts.some(({ canBeEmpty }) => canBeEmpty),
        };
      }
      case "repeat":
        return this.buildRepeat(pattern);
      case "group":
        return this.build(pattern.body);
      case "look": {
        const isRead = pattern.isBehind === (this.direction === -1);
        return { first: isRead ? this.build(pattern.body).first : [], last: [], canBeEmpty: true };
      }
      case "assertion":
      case "backreference":
        return { first: [], last: [], canBeEmpty: true };
    }
  }

  private buildRepeat({ body, min, max }: Extract<Pattern, { kind: "repeat" }>): Part {
    const copies = Array.from({ length: Math.min(min, mostCopies) }, () => this.build(body));
    if (max === Number.POSITIVE_INFINITY) {
      const loop = copies.pop() ?? { ...this.build(body), canBeEmpty: true };
      for (const place of loop.last) this.places[place]?.next.push(...loop.first);
      return this.join([...copies, loop]);
    }
    const optional = Math.min(max - min, mostCopies);
    for (let copy = 0; copy < optional; copy += 1) copies.push({ ...this.build(body), canBeEmpty: true });
    return this.join(copies);
  }

  private join(parts: readonly Part[]): Part {
    return parts.reduce<Part>(
      (left, right) => {
        for (const place of left.last) this.places[place]?.next.push(...right.first);
        return {
          first: left.canBeEmpty ? [...left.first, ...right.first] : left.first,
          last: right.canBeEmpty ? [...left.last, ...right.last] : right.last,
          canBeEmpty: left.canBeEmpty && right.canBeEmpty,
        };
      },
      { first: [], last: [], canBeEmpty: true },
    );
  }
}
