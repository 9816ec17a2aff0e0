import { whenAborted } from "../abort.ts";

/** Lets so many in at a time; the others wait in the order they came. */
export interface Limiter {
  /** Resolves with the function that gives the place back; call it once. Rejects when the signal is aborted first. */
  enter(signal: AbortSignal): Promise<() => void>;
}

/** With all places free. */
export function makeLimiter(places: number): Limiter {
  let free = places;
  const queue = new Set<() => void>();
  const leave = (): void => {
    const [next] = queue;
    if (next === undefined) {
      free += 1;
      return;
    }
    queue.delete(next);
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
      if (free > 0) {
        free -= 1;
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
  };
}
