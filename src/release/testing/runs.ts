import type { Host } from "../../host.ts";
import type { RegistryInMemory } from "../../registry/testing/registry-in-memory.ts";

/** When a run is killed: at which of its requests, and whether the registry still carries that one out. */
export interface Kill {
  readonly atRequest: number;
  readonly isCarriedOut: boolean;
}

/** Lets several runs make their requests one at a time, in an order drawn by `random`. */
export interface Scheduler {
  /** A `fetch` for one run. */
  fetchOf(kill: Kill | undefined): { readonly fetch: Host["fetch"]; readonly isDead: () => boolean };
  /** Runs all to their ends. */
  runAll<T>(runs: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]>;
}

/** `random`: 0 ≤ x < 1. */
export function makeScheduler(memory: RegistryInMemory, random: () => number): Scheduler {
  const waiting: (() => void)[] = [];
  const turn = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  return {
    fetchOf: (kill) => {
      let requests = 0;
      let isDead = false;
      const die = (): never => {
        isDead = true;
        throw new DOMException("this run was killed", "AbortError");
      };
      const fetch: Host["fetch"] = async (input, init) => {
        if (isDead) return die();
        await turn();
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
        // One at a time, in any order: requests of one run that go out together may also overtake each other.
        const [next] = waiting.splice(Math.floor(random() * waiting.length), 1);
        next?.();
      }
      return all;
    },
  };
}
