import { whenAborted } from "../abort.ts";

/** Limits how many callers run at the same time; the others wait in order of arrival. */
export interface Limiter {
  /** Resolves with a function that frees the place. Rejects when the signal is aborted first. */
  enter(signal: AbortSignal): Promise<() => void>;
  /** Lowers the number of places. Callers that hold one keep it. */
  narrow(places: number): void;
}

/** Makes a limiter with all places free. */
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
