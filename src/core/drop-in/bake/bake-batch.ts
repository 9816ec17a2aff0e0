import type { CallersBuild } from "../request.ts";
import type { CallersBake } from "./bake-request.ts";

/** Targets that wait for one bake of all of them. */
export interface BakeBatch {
  /** Resolves once the target was baked. */
  join(target: string): Promise<CallersBuild>;
  /** Resolves when the target joined. */
  joined(target: string): Promise<void>;
  /** Lets everybody who joined go on. */
  baked(bake: CallersBake): void;
  /** Everybody who joined fails. */
  failed(error: unknown): void;
}

/** `onBaked` writes what a target's own build would have written. */
export function makeBakeBatch(onBaked: (target: string, bake: CallersBake) => Promise<void>): BakeBatch {
  const bake = makeDeferred<CallersBake>();
  // A failure before anybody joined is nobody's.
  bake.promise.catch(() => undefined);
  const arrivals = new Map<string, Deferred<void>>();
  const arrivalOf = (target: string): Deferred<void> => {
    const arrival = arrivals.get(target) ?? makeDeferred<void>();
    arrivals.set(target, arrival);
    return arrival;
  };
  return {
    join: async (target) => {
      arrivalOf(target).resolve();
      const ended = await bake.promise;
      if (ended.exitCode === 0) await onBaked(target, ended);
      return ended;
    },
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
