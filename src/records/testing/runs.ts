import type { Host } from "../../host.ts";
import type { RegistryInMemory } from "../../registry/testing/registry-in-memory.ts";

/** When a run is killed: at which of its requests, and whether the registry still carries that one out. */
export interface Kill {
  readonly atRequest: number;
  readonly isCarriedOut: boolean;
}

/** Lets several runs make their requests one at a time, in an order drawn by `random`. */
export interface Scheduler {
  /** A `fetch` for the next run. */
  fetchOf(kill: Kill | undefined): { readonly fetch: Host["fetch"]; readonly isDead: () => boolean };
  /** Runs all to their ends. */
  runAll<T>(runs: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]>;
}

/** `random`: 0 ≤ x < 1. */
export function makeScheduler(memory: RegistryInMemory, random: () => number): Scheduler {
  const waiting: { readonly run: number; readonly go: () => void }[] = [];
  const turn = (run: number): Promise<void> => new Promise((go) => waiting.push({ run, go }));
  // How often another run gets its turn: from hardly ever, so that one sleeps while others finish, to always.
  const restlessness = random() ** 3;
  let count = 0;
  let current = 0;
  let idle = 0;
  const next = (): (() => void) | undefined => {
    const own = waiting.filter(({ run }) => run === current);
    // A run that is between two requests gets its turn back for a few ticks; one that has ended does not.
    idle = own.length > 0 ? 0 : idle + 1;
    if (own.length === 0 && idle < 4) return undefined;
    const among = own.length === 0 || random() < restlessness ? waiting : own;
    const chosen = among[Math.floor(random() * among.length)];
    if (chosen === undefined) return undefined;
    current = chosen.run;
    waiting.splice(waiting.indexOf(chosen), 1);
    return chosen.go;
  };
  return {
    fetchOf: (kill) => {
      count += 1;
      const run = count;
      let requests = 0;
      let isDead = false;
      const die = (): never => {
        isDead = true;
        throw new DOMException("this run was killed", "AbortError");
      };
      const fetch: Host["fetch"] = async (input, init) => {
        if (isDead) return die();
        await turn(run);
        if (isDead) return die();
        requests += 1;
        if (kill === undefined || requests !== kill.atRequest) return memory.fetch(input, init);
        if (kill.isCarriedOut) await memory.fetch(input, init);
        return die();
      };
      return { fetch, isDead: () => isDead };
    },
    runAll: async (runs) => {
      const under = new Set(runs.keys());
      const all = Promise.allSettled([...runs.entries()].map(([at, run]) => run().finally(() => under.delete(at))));
      while (under.size > 0) {
        await new Promise((resolve) => setImmediate(resolve));
        // Requests of one run that go out together may also overtake each other.
        next()?.();
      }
      return all;
    },
  };
}
