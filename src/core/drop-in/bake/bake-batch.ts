import type { CallersBuild } from "../request.ts";
import type { CallersBake } from "./bake-request.ts";

/** Targets that wait for the one bake that builds all of them. */
export interface BakeBatch {
  /** Adds a target, with the arguments of its own build. Resolves after the bake, with its result; rejects if the batch fails. */
  join(target: string, args: readonly string[]): Promise<CallersBuild>;
  /** Arguments that the target joined with; undefined: it did not join. */
  argsOf(target: string): readonly string[] | undefined;
  /** Resolves when `join` is called for the target. */
  joined(target: string): Promise<void>;
  /** Resolves every `join` with the result of the bake. */
  baked(bake: CallersBake): void;
  /** Rejects every `join`. */
  failed(error: unknown): void;
}

/**
 * Makes an empty batch. `onBaked` runs for each target after a successful bake, and writes the files that the target's own build would have
 * written.
 */
export function makeBakeBatch(onBaked: (target: string, bake: CallersBake) => Promise<void>): BakeBatch {
  const bake = makeDeferred<CallersBake>();
  // Without a handler, Node would report a failure before the first join as an unhandled rejection.
  bake.promise.catch(() => undefined);
  const joined = new Map<string, readonly string[]>();
  const arrivals = new Map<string, Deferred<void>>();
  const arrivalOf = (target: string): Deferred<void> => {
    const arrival = arrivals.get(target) ?? makeDeferred<void>();
    arrivals.set(target, arrival);
    return arrival;
  };
  return {
    join: async (target, args) => {
      joined.set(target, args);
      arrivalOf(target).resolve();
      const ended = await bake.promise;
      if (ended.exitCode === 0) await onBaked(target, ended);
      return ended;
    },
    argsOf: (target) => joined.get(target),
    joined: (target) => arrivalOf(target).promise,
    baked: (ended) => bake.resolve(ended),
    failed: (error) => bake.reject(error),
  };
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function makeDeferred<T>(): Deferred<T> {
  let settle: Pick<Deferred<T>, "resolve" | "reject"> | undefined;
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, resolve: (value) => settle?.resolve(value), reject: (error) => settle?.reject(error) };
}
