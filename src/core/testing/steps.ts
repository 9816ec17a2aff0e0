import type { Fetch, Host } from "../../host.ts";

/** Counts requests and the sequential steps in which they are sent. */
export interface StepCounter {
  readonly host: Host;
  /** Requests of each step in the order sent, such as `GET /v2/…`. */
  readonly steps: readonly (readonly string[])[];
}

interface Waiting {
  readonly asked: string;
  readonly answer: () => void;
}

/**
 * Makes a host that answers all pending requests at once, when the program does nothing but wait: requests sent before an answer form one
 * step. Local work takes no steps, however slow the machine is.
 */
export function countSteps(host: Host): StepCounter {
  const steps: string[][] = [];
  let waiting: Waiting[] = [];
  let running = 0;
  let isTicking = false;
  const tick = async (): Promise<void> => {
    isTicking = true;
    let sent = -1;
    // Quiet: for three turns of the event loop no process runs, no file is read and no request was added.
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
