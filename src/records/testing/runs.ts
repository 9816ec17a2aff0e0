import type { Fetch } from "../../host.ts";
import type { RegistryInMemory } from "../../registry/testing/registry-in-memory.ts";

/** Kills a run at one of its requests. `isCarriedOut`: whether the registry still performs that request. */
export interface Kill {
  readonly atRequest: number;
  readonly isCarriedOut: boolean;
}

/** A run whose requests and sleeps the scheduler delays. */
export interface ScheduledRun {
  readonly fetch: Fetch;
  readonly pause: () => Promise<void>;
  readonly isDead: () => boolean;
}

/**
 * Runs several runs step by step (a request or a sleep), in an order that only `random` determines. A step starts when every run waits for
 * one. A run that waits for anything else (a file, a thread, a timer) fails the test.
 */
export interface Scheduler {
  /** Runs all runs to their ends. `kills`: by the number of the run. */
  runAll<T>(
    runs: readonly ((run: ScheduledRun) => Promise<T>)[],
    kills?: readonly (Kill | undefined)[],
  ): Promise<PromiseSettledResult<T>[]>;
  /** All steps so far: the number of the run, from 0, and its request or sleep. */
  readonly trace: readonly string[];
}

interface Step {
  readonly run: number;
  readonly what: string;
  readonly go: () => void;
}

/** Makes a scheduler. `random`: returns 0 ≤ x < 1. */
export function makeScheduler(memory: RegistryInMemory, random: () => number): Scheduler {
  const waiting: Step[] = [];
  const trace: string[] = [];
  const turn = (run: number, what: string): Promise<void> => new Promise((go) => waiting.push({ run, what, go }));
  // Probability of switching to another run: from near 0, where one run sleeps while others finish, to 1.
  const restlessness = random() ** 3;
  let current = 0;
  const next = (): void => {
    const own = waiting.filter(({ run }) => run === current);
    // Parallel requests of one run may also overtake each other.
    const among = own.length === 0 || random() < restlessness ? waiting : own;
    const chosen = among[Math.floor(random() * among.length)];
    if (chosen === undefined) return;
    current = chosen.run;
    waiting.splice(waiting.indexOf(chosen), 1);
    trace.push(`${chosen.run} ${chosen.what}`);
    chosen.go();
  };
  const start = (run: number, kill: Kill | undefined): ScheduledRun => {
    let requests = 0;
    let isDead = false;
    const die = (): never => {
      isDead = true;
      throw new DOMException("this run was killed", "AbortError");
    };
    const take = async (what: string): Promise<void> => {
      if (!isDead) await turn(run, what);
      if (isDead) die();
    };
    return {
      isDead: () => isDead,
      pause: () => take("sleeps"),
      fetch: async (url, init) => {
        await take(`${init?.method ?? "GET"} ${url}`);
        requests += 1;
        if (kill === undefined || requests !== kill.atRequest) return memory.fetch(url, init);
        if (kill.isCarriedOut) await memory.fetch(url, init);
        return die();
      },
    };
  };
  return {
    trace,
    runAll: async (runs, kills = []) => {
      const under = new Set(runs.keys());
      const started = [...runs.entries()].map(([at, run]) => run(start(at, kills[at])).finally(() => under.delete(at)));
      const all = Promise.allSettled(started);
      while (under.size > 0) {
        // After this turn, every promise is settled that does not depend on another step.
        await new Promise((resolve) => setImmediate(resolve));
        for (const run of under) {
          if (waiting.some((step) => step.run === run)) continue;
          throw new Error(`run ${run} waits for something that is no step, after ${trace.slice(-3).join(", ")}`);
        }
        next();
      }
      return all;
    },
  };
}
