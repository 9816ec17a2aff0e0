import { configurationError } from "../../errors.ts";
import { excerpt } from "../../model/excerpt.ts";
import { StepLimitError, Steps } from "../../model/steps.ts";
import type { Place } from "../written/place.ts";

/** Looks up a variable; undefined: it is not set. */
export type Lookup = (name: string) => string | undefined;

export interface Interpolated {
  readonly text: string;
  /** Variables without value and default. As in Compose, they count as empty. */
  readonly unset: readonly string[];
  /** The message of `${X:?message}`, or a syntax fault; undefined: neither. */
  readonly fault: string | undefined;
}

/** The limit for the texts of one project, in characters read or made. */
export function interpolationSteps(): Steps {
  return new Steps(4_194_304);
}

/**
 * Fills in variables. Nested values may multiply, so the work is limited.
 * @throws SlipwayError `configuration` with the place
 */
export function interpolateAt(at: Place, text: string, lookup: Lookup, steps: Steps): Interpolated {
  return orFault(at, `fill in the variables up to ${JSON.stringify(excerpt(text))}`, () =>
    interpolate(text, lookup, steps),
  );
}

/**
 * Counts work that files cause each other (`extends`, `include`), which may multiply.
 * @throws SlipwayError `configuration` with the place
 */
export function takeSteps(at: Place, doing: string, steps: Steps, count: number): void {
  orFault(at, doing, () => steps.take(count));
}

function orFault<T>(at: Place, doing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof StepLimitError)) throw error;
    throw configurationError([{ ...at, message: `to ${doing} ${error.message}: make the files simpler` }]);
  }
}

/**
 * Compose's interpolation: `$X`, `${X}`, `${X:-d}`, `${X-d}`, `${X:?m}`, `${X?m}`, `${X:+r}`, `${X+r}`, nested, and `$$`.
 * @throws StepLimitError
 */
export function interpolate(text: string, lookup: Lookup, steps = interpolationSteps()): Interpolated {
  return new Filler(text, lookup, steps).fillAll();
}

/** The deepest nesting of defaults; each level is a recursion. */
const maximumDepth = 200;

class Filler {
  private readonly text: string;
  private readonly lookup: Lookup;
  private readonly steps: Steps;
  private readonly closing: ReadonlyMap<number, number>;
  private readonly unset: string[] = [];
  private fault: string | undefined;
  private depth = 0;

  constructor(text: string, lookup: Lookup, steps: Steps) {
    this.text = text;
    this.lookup = lookup;
    this.steps = steps;
    steps.take(text.length);
    this.closing = closingBraces(text);
  }

  fillAll(): Interpolated {
    const text = this.fill(0, this.text.length);
    return { text, unset: this.unset, fault: this.fault };
  }

  private fill(start: number, end: number): string {
    let filled = "";
    for (let at = start; at < end;) {
      const part = this.fillPart(at, end);
      if (part === undefined) return filled;
      this.steps.take(part.text.length + part.next - at);
      filled += part.text;
      at = part.next;
    }
    return filled;
  }

  /** Reads text up to the next `$`, or the variable there. Undefined: the `$` begins none. */
  private fillPart(at: number, end: number): { readonly text: string; readonly next: number } | undefined {
    const dollar = this.text.indexOf("$", at);
    if (dollar !== at) {
      const next = dollar < 0 ? end : Math.min(dollar, end);
      return { text: this.text.slice(at, next), next };
    }
    if (this.text[at + 1] === "$" && at + 1 < end) return { text: "$", next: at + 2 };
    const bare = matchAt(barePattern, this.text, at, end);
    if (bare !== undefined) return { text: this.valueOf(bare.slice(1)), next: at + bare.length };
    const close = this.text[at + 1] === "{" ? this.closing.get(at) : undefined;
    if (close !== undefined && close < end) return { text: this.substitute(at + 2, close), next: close + 1 };
    const written = JSON.stringify(excerpt(this.text));
    this.refuse(`${written} has a "$" that begins no variable; write "$$" for the sign itself`);
    return undefined;
  }

  private valueOf(name: string): string {
    const value = this.lookup(name);
    if (value === undefined) this.unset.push(name);
    return value ?? "";
  }

  private substitute(start: number, end: number): string {
    const name = matchAt(namePattern, this.text, start, end) ?? "";
    const operatorAt = start + name.length;
    const operator = matchAt(operatorPattern, this.text, operatorAt, end) ?? "";
    if (name === "" || (operator === "" && operatorAt < end)) {
      this.refuse(`"\${${excerpt(this.text.slice(start, end))}}" is no variable`);
      return "";
    }
    if (operator === "") return this.valueOf(name);
    const wordAt = operatorAt + operator.length;
    const value = this.lookup(name);
    const isSet = value !== undefined && (value !== "" || !operator.startsWith(":"));
    if (operator.endsWith("+")) return isSet ? this.fillInner(wordAt, end) : "";
    if (isSet) return value;
    if (operator.endsWith("-")) return this.fillInner(wordAt, end);
    this.refuse(`the variable ${name} is required${wordAt === end ? "" : `: ${this.fillInner(wordAt, end)}`}`);
    return "";
  }

  private fillInner(start: number, end: number): string {
    if (this.depth >= maximumDepth) {
      this.refuse(`defaults are more than ${maximumDepth} deep in each other`);
      return "";
    }
    this.depth += 1;
    const filled = this.fill(start, end);
    this.depth -= 1;
    return filled;
  }

  private refuse(fault: string): void {
    this.fault ??= fault;
  }
}

const barePattern = /\$[A-Za-z_]\w*/y;
const namePattern = /[A-Za-z_]\w*/y;
const operatorPattern = /:?[-?+]/y;

/** Matches a sticky expression at a place, up to `end`. */
function matchAt(pattern: RegExp, text: string, at: number, end: number): string | undefined {
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0].slice(0, end - at);
  return found === "" || found === undefined ? undefined : found;
}

/** Finds the closing brace of each `${`, by the place of its `$`. */
function closingBraces(text: string): ReadonlyMap<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "{" && text[at - 1] === "$") open.push(at - 1);
    if (text[at] !== "}") continue;
    const start = open.pop();
    if (start !== undefined) closing.set(start, at);
  }
  return closing;
}
