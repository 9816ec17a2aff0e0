import { StepLimitError, Steps } from "../../src/model/steps.ts";
import { isAnchored, type Pattern } from "./pattern.ts";

type Next = (at: number) => boolean;
type Matcher = (at: number, next: Next) => boolean;
type Match = readonly [start: number, end: number];
type Set = Extract<Pattern, { kind: "set" }>;
type Repeat = Extract<Pattern, { kind: "repeat" }>;

/** Many more than a text of an attack takes where they grow with it, or with its square. */
const most = 300_000;

/** Finds all matches of a pattern in a text, one after the other, as JavaScript does with the flag `g`; and counts comparisons. */
export class Backtracker {
  private readonly match: Matcher;
  private readonly isAnchored: boolean;
  private text: readonly string[] = [];
  private steps = new Steps(most);
  private captures: (Match | undefined)[] = [];

  constructor(pattern: Pattern) {
    this.match = this.compile(pattern, 1);
    this.isAnchored = isAnchored(pattern);
  }

  /** Infinite where they are more than 300,000. */
  countSteps(text: string): number {
    try {
      this.findMatches(text);
      return this.steps.taken;
    } catch (error) {
      if (error instanceof StepLimitError) return Number.POSITIVE_INFINITY;
      throw error;
    }
  }

  findMatches(text: string): Match[] {
    this.text = Array.from(text);
    this.steps = new Steps(most);
    const last = this.isAnchored ? 0 : this.text.length;
    const matches: Match[] = [];
    let start = 0;
    while (start <= last) {
      let end: number | undefined;
      this.steps.take(1);
      this.captures = [];
      this.match(start, (at) => {
        end = at;
        return true;
      });
      if (end !== undefined) matches.push([start, end]);
      start = end === undefined || end === start ? start + 1 : end;
    }
    return matches;
  }

  /** @param direction -1 where a lookbehind reads towards the start */
  private compile(pattern: Pattern, direction: 1 | -1): Matcher {
    switch (pattern.kind) {
      case "set":
        return this.compileSets([pattern], direction);
      case "sequence":
        return this.compileSequence(pattern.parts, direction);
      case "alternatives": {
        const matchers = pattern.parts.map((part) => this.compile(part, direction));
        return (at, next) => matchers.some((matcher) => matcher(at, next));
      }
      case "repeat":
        return pattern.body.kind === "set"
          ? this.compileRun(pattern, pattern.body, direction)
          : this.compileRepeat(pattern, direction);
      case "group": {
        const matcher = this.compile(pattern.body, direction);
        return (at, next) =>
          matcher(at, (end) => {
            const before = this.captures[pattern.index];
            this.captures[pattern.index] = at < end ? [at, end] : [end, at];
            if (next(end)) return true;
            this.captures[pattern.index] = before;
            return false;
          });
      }
      case "look": {
        const matcher = this.compile(pattern.body, pattern.isBehind ? -1 : 1);
        return (at, next) => matcher(at, () => true) !== pattern.isNegative && next(at);
      }
      case "assertion":
        return (at, next) => {
          this.steps.take(1);
          return pattern.holds(this.text, at) && next(at);
        };
      case "backreference":
        return (at, next) => {
          const captured = this.text.slice(...(this.captures[pattern.index] ?? [0, 0]));
          this.steps.take(1 + captured.length);
          const start = direction === 1 ? at : at - captured.length;
          const isThere = captured.every((character, index) => this.text[start + index] === character);
          return isThere && next(at + direction * captured.length);
        };
    }
  }

  private compileSequence(parts: readonly Pattern[], direction: 1 | -1): Matcher {
    const matchers: Matcher[] = [];
    let sets: Set[] = [];
    for (const part of direction === 1 ? parts : parts.toReversed()) {
      if (part.kind === "set") sets.push(part);
      else {
        if (sets.length > 0) matchers.push(this.compileSets(sets, direction));
        sets = [];
        matchers.push(this.compile(part, direction));
      }
    }
    if (sets.length > 0) matchers.push(this.compileSets(sets, direction));
    const [first, ...rest] = matchers.reverse();
    if (first === undefined) return (at, next) => next(at);
    return rest.reduce((after, matcher) => (at, next) => matcher(at, (then) => after(then, next)), first);
  }

  /** Sets behind each other: without a call for each of them. */
  private compileSets(sets: readonly Set[], direction: 1 | -1): Matcher {
    return (at, next) => {
      let to = at;
      for (const set of sets) {
        if (!this.isIn(set, to, direction)) return false;
        to += direction;
      }
      return next(to);
    };
  }

  /** One set, repeated. */
  private compileRun({ min, max, isLazy }: Repeat, set: Set, direction: 1 | -1): Matcher {
    return (at, next) => {
      let count = 0;
      const grow = (to: number): boolean => {
        while (count < to && this.isIn(set, at + direction * count, direction)) count += 1;
        return count >= to;
      };
      if (isLazy) {
        for (let wanted = min; wanted <= max && grow(wanted); wanted += 1) {
          if (next(at + direction * count)) return true;
        }
        return false;
      }
      grow(max);
      for (; count >= min; count -= 1) {
        this.steps.take(1);
        if (next(at + direction * count)) return true;
      }
      return false;
    };
  }

  private compileRepeat({ body, min, max, isLazy }: Repeat, direction: 1 | -1): Matcher {
    const matcher = this.compile(body, direction);
    const goOn = (count: number, at: number, next: Next): boolean => {
      this.steps.take(1);
      // A repetition of nothing, once there are enough, is none.
      const again = (): boolean =>
        count < max && matcher(at, (end) => !(end === at && count >= min) && goOn(count + 1, end, next));
      if (count < min) return again();
      return isLazy ? next(at) || again() : again() || next(at);
    };
    return (at, next) => goOn(0, at, next);
  }

  private isIn(set: Set, at: number, direction: 1 | -1): boolean {
    this.steps.take(1);
    const character = this.text[direction === 1 ? at : at - 1];
    return character !== undefined && set.has(character);
  }
}
