import { whenAborted } from "../abort.ts";

/** Lets so many in at a time; the others wait in the order they came. */
export interface Limiter {
  /** Resolves with the function that gives the place back; call it once. Rejects when the signal is aborted first. */
  enter(signal: AbortSignal): Promise<() => void>;
  /** From now on there are no more places than this. Whoever is inside stays. */
  narrow(places: number): void;
}

/** With all places free. */
export function makeLimiter(most: number): Limiter {
  let places = most;
  let taken = 0;
  const queue = new Set<() => void>();
  const leave = (): void => {
    taken -= 1;
    const [next] = queue;
    if (next === undefined || taken >= places) return;
    queue.delete(next);
    taken += 1;
    next();
  };
  const leaveOnce = (): (() => void) => {
    let isInside = true;
    return () => {
      if (isInside) leave();
      isInside = false;
    };
  };
  return {
    enter(signal) {
      if (signal.aborted) return Promise.reject(new Error("aborted", { cause: signal.reason }));
      if (taken < places) {
        taken += 1;
        return Promise.resolve(leaveOnce());
      }
      return new Promise((resolve, reject) => {
        const admit = (): void => {
          takeOff();
          resolve(leaveOnce());
        };
        const takeOff = whenAborted(signal, () => {
          queue.delete(admit);
          reject(new Error("aborted", { cause: signal.reason }));
        });
        queue.add(admit);
      });
    },
    narrow(to) {
      places = Math.min(places, to);
    },
  };
}
