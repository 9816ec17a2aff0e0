import type { Fetch } from "../../host.ts";
import type { RegistryInMemory } from "../../registry/testing/registry-in-memory.ts";

/** When a run is killed: at which of its requests, and whether the registry still carries that one out. */
export interface Kill {
  readonly atRequest: number;
  readonly isCarriedOut: boolean;
}

/** What a run waits for, in its scheduler's hands: answers of the registry, and the end of a sleep. */
export interface ScheduledRun {
  readonly fetch: Fetch;
  readonly pause: () => Promise<void>;
  readonly isDead: () => boolean;
}

/**
 * Lets several runs take their steps (a request, a sleep) one at a time, in an order that `random` alone draws: the next step begins when
 * every run waits for one. A run that waits for something else (a file, a thread, a timer) is a fault of the test.
 */
export interface Scheduler {
  /** Runs all to their ends. `kills`: by the number of the run. */
  runAll<T>(
    runs: readonly ((run: ScheduledRun) => Promise<T>)[],
    kills?: readonly (Kill | undefined)[],
  ): Promise<PromiseSettledResult<T>[]>;
  /** Every step so far: the number of the run, from 0, and what it did. */
  readonly trace: readonly string[];
}

interface Step {
  readonly run: number;
  readonly what: string;
  readonly go: () => void;
}

/** `random`: 0 ≤ x < 1. */
export function makeScheduler(memory: RegistryInMemory, random: () => number): Scheduler {
  const waiting: Step[] = [];
  const trace: string[] = [];
  const turn = (run: number, what: string): Promise<void> => new Promise((go) => waiting.push({ run, what, go }));
  // How often another run gets its turn: from hardly ever, so that one sleeps while others finish, to always.
  const restlessness = random() ** 3;
  let current = 0;
  const next = (): void => {
    const own = waiting.filter(({ run }) => run === current);
    // Requests of one run that go out together may also overtake each other.
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
        // By then every promise is settled that can be without another step.
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
