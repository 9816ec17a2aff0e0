import type { Fetch, Host } from "../../host.ts";

/** Counts requests, and the steps in which they follow each other. */
export interface StepCounter {
  readonly host: Host;
  /** What was asked in each step, in the order it was sent: `GET /v2/…`. */
  readonly steps: readonly (readonly string[])[];
}

interface Waiting {
  readonly asked: string;
  readonly answer: () => void;
}

/**
 * A host whose requests each take one tick of a clock that stands still while the program works: what is sent before an answer comes is one
 * step. Work on this machine takes no time, so how fast it is does not count.
 */
export function countSteps(host: Host): StepCounter {
  const steps: string[][] = [];
  let waiting: Waiting[] = [];
  let running = 0;
  let isTicking = false;
  const tick = async (): Promise<void> => {
    isTicking = true;
    let sent = -1;
    // Quiet: no program, no file, and in some turns nobody who asks for more.
    for (let quiet = 0; quiet < 3;) {
      await new Promise((resolve) => setImmediate(resolve));
      const isBusy = running > 0 || waiting.length !== sent || process.getActiveResourcesInfo().some(isLocalWork);
      quiet = isBusy ? 0 : quiet + 1;
      sent = waiting.length;
    }
    const answered = waiting;
    waiting = [];
    isTicking = false;
    steps.push(answered.map(({ asked }) => asked));
    for (const { answer } of answered) answer();
  };
  const fetch: Fetch = async (url, init) => {
    await new Promise<void>((answer) => {
      waiting.push({ asked: `${init?.method ?? "GET"} ${new URL(url).pathname}`, answer });
      if (!isTicking) void tick();
    });
    return host.fetch(url, init);
  };
  const run: Host["run"] = async (...args) => {
    running += 1;
    try {
      return await host.run(...args);
    } finally {
      running -= 1;
    }
  };
  return { host: { ...host, fetch, run }, steps };
}

function isLocalWork(resource: string): boolean {
  return /^(?:FS|Zlib|ZLIB|GetAddrInfo|CheckPrime|RandomBytes|Hash|Process)/.test(resource);
}
