import type { Event } from "../../event.ts";
import { makeTestHost, type TestHost } from "../../testing/test-host.ts";
import { makeReporter, type Reporter, type ReporterOptions } from "../reporter.ts";
import { makeTerminal, type Terminal } from "./terminal.ts";

/** A reporter on a terminal, with a clock that the test moves. */
export interface Stage {
  readonly host: TestHost;
  readonly terminal: Terminal;
  readonly reporter: Reporter;
  emit(event: Event): void;
  /** Lets time go by; timers run when they are due. */
  wait(seconds: number): void;
}

export function makeStage(
  options: Partial<ReporterOptions> & { env?: Record<string, string>; columns?: number; rows?: number } = {},
): Stage {
  const { env = {}, columns = 80, rows = 24, ...given } = options;
  const terminal = makeTerminal(columns, rows);
  const host = makeTestHost({ env, stderr: terminal });
  const timers: { readonly every: number; readonly callback: () => void; due: number }[] = [];
  const reporter = makeReporter(host, {
    mode: "live",
    verbose: false,
    color: false,
    every: (milliseconds, callback) => {
      const timer = { every: milliseconds, callback, due: milliseconds };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    ...given,
  });
  return {
    host,
    terminal,
    reporter,
    emit: reporter.emit,
    wait: (seconds) => {
      for (let steps = Math.round(seconds * 10); steps > 0; steps--) {
        host.advance(100);
        for (const timer of timers) {
          if (host.monotonic() < timer.due) continue;
          timer.due = host.monotonic() + timer.every;
          timer.callback();
        }
      }
    },
  };
}
