import { Session } from "node:inspector/promises";

/*
 * How much work a function is, without a clock: V8 counts how often each block of JavaScript was entered, in the project and in what it
 * uses. What it does in one go (`indexOf`, `splice`, …) is counted by the characters or elements that it goes through.
 *
 * Only what is compiled after `startCounting` is counted by blocks: load the code under test with `import()` behind it.
 */
const session = new Session();
let gone = 0;
const entered = new Set<string>();

export async function startCounting(): Promise<void> {
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  for (const [prototype, counters] of natives) {
    for (const [name, cost] of Object.entries(counters)) replaceNative(prototype, name, cost);
  }
}

/** Of each function: blocks entered, and characters or elements gone through. */
export async function countWork(functions: readonly (() => unknown)[]): Promise<number[]> {
  const counts: number[] = [];
  await countBlocks();
  for (const work of functions) {
    gone = 0;
    await work();
    const passed = gone;
    counts.push(passed + (await countBlocks(entered)));
  }
  return counts;
}

/** The functions of `src` whose work was counted, as `src/FILE NAME`. */
export function countedFunctions(): ReadonlySet<string> {
  return entered;
}

/** Counts the blocks that were entered since the last call, and adds the functions of `src` among them to `found`. */
async function countBlocks(found?: Set<string>): Promise<number> {
  const { result } = await session.post("Profiler.takePreciseCoverage");
  let blocks = 0;
  for (const { url, functions } of result) {
    const at = url.lastIndexOf("/src/");
    for (const { functionName, ranges } of functions) {
      for (const { count } of ranges) blocks += count;
      if (at >= 0 && functionName !== "" && ranges[0]?.count !== 0) found?.add(`${url.slice(at + 1)} ${functionName}`);
    }
  }
  return blocks;
}

type Cost = (self: string | readonly unknown[], result: unknown, from: unknown) => number;

/** From where it began to what it found, or to the end. */
const search: Cost = ({ length }, result, from) => {
  const start = typeof from === "number" ? Math.max(0, from) : 0;
  return typeof result === "number" && result >= 0 ? result - start : Math.max(0, length - start);
};
const whole: Cost = ({ length }) => length;
const taken: Cost = (_, result) => (typeof result === "string" || Array.isArray(result) ? result.length : 1);

const natives: readonly (readonly [prototype: object, costs: Readonly<Record<string, Cost>>])[] = [
  [
    Array.prototype,
    {
      indexOf: search,
      includes: whole,
      lastIndexOf: whole,
      slice: taken,
      concat: taken,
      shift: whole,
      unshift: whole,
      splice: whole,
      join: whole,
      reverse: whole,
      toReversed: whole,
    },
  ],
  // V8 takes parts of a text without copying them.
  [
    String.prototype,
    { indexOf: search, includes: whole, lastIndexOf: whole, split: whole, replaceAll: whole, toLowerCase: whole },
  ],
];

function replaceNative(prototype: object, name: string, cost: Cost): void {
  const native: unknown = Reflect.get(prototype, name);
  if (typeof native !== "function") throw new Error(`there is no ${name}`);
  const counted = function (this: string | readonly unknown[], ...args: unknown[]): unknown {
    const before = this.length;
    const result: unknown = Reflect.apply(native, this, args);
    gone += Math.max(
      1,
      cost(this.length < before ? ({ length: before } as readonly unknown[]) : this, result, args[1]),
    );
    return result;
  };
  Object.defineProperty(prototype, name, { value: counted, configurable: true, writable: true });
}
