import { SlipwayError } from "../errors.ts";
import type { Host, Output } from "../host.ts";
import { makeRandom } from "./random.ts";

/** A host for tests, and what was done with it. */
export interface TestHost extends Host {
  /** Every wait so far, in milliseconds; waits end at once and move the clock. */
  readonly slept: readonly number[];
  /** What was written to the two streams so far. */
  readonly printed: { readonly stdout: string; readonly stderr: string };
  /** Moves the clock. */
  advance(milliseconds: number): void;
  /** Aborts `signal`, as Ctrl-C does. */
  interrupt(): void;
}

export interface TestHostOptions extends Partial<Host> {
  /** Where the clock starts; default 2026-01-01T00:00:00.000Z. */
  readonly startsAt?: string;
  /** Of `random`. The same seed gives the same numbers. */
  readonly seed?: number;
  /** How long a `sleep` takes, whatever its length. Default: until the event loop's next turn. */
  readonly pause?: () => Promise<void>;
  readonly isTTY?: boolean;
}

/**
 * A host without effects: a clock that only moves by `sleep` and `advance`, streams that are kept, seeded randomness,
 * no network, no processes. Anything given in `options` is used instead.
 */
export function makeTestHost(options: TestHostOptions = {}): TestHost {
  const { startsAt = "2026-01-01T00:00:00.000Z", seed = 1, isTTY = false, pause = nextTurn, ...overrides } = options;
  const controller = new AbortController();
  const signal =
    overrides.signal === undefined ? controller.signal : AbortSignal.any([overrides.signal, controller.signal]);
  const start = Date.parse(startsAt);
  let elapsed = 0;
  const slept: number[] = [];
  const printed = { stdout: "", stderr: "" };

  const base: Host = {
    env: {},
    cwd: "/nowhere",
    fetch: (url) => Promise.reject(new TypeError(`this test has no network, and something asked for ${url}`)),
    prepareFetch: () => undefined,
    input: { isTTY, readLine: async () => undefined, readAll: async () => new Uint8Array() },
    stdout: makeOutput(isTTY, (text) => (printed.stdout += text)),
    stderr: makeOutput(isTTY, (text) => (printed.stderr += text)),
    signal,
    now: () => new Date(start + elapsed).toISOString(),
    monotonic: () => elapsed,
    random: makeRandom(seed),
    processId: 1,
    // Temporary folders of other tests, which run at the same time, are not for this one to remove.
    isRunning: () => true,
    sleep: async (milliseconds, own) => {
      slept.push(milliseconds);
      elapsed += milliseconds;
      await pause();
      if (signal.aborted || own?.aborted === true) throw new SlipwayError("interrupted", "interrupted while waiting");
    },
    run: (program) => Promise.reject(noProcesses(program)),
    attach: (program) => Promise.reject(noProcesses(program)),
  };
  return {
    ...base,
    ...overrides,
    signal,
    slept,
    printed,
    advance: (milliseconds) => {
      elapsed += milliseconds;
    },
    interrupt: () => controller.abort(),
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function noProcesses(program: string): SlipwayError {
  const message = `running ${program}: this test has no processes`;
  return new SlipwayError("program-unavailable", message, { data: { program } });
}

function makeOutput(isTTY: boolean, keep: (text: string) => void): Output {
  return { write: keep, isTTY, columns: 80, rows: 24 };
}
