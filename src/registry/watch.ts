import { SlipwayError } from "../errors.ts";
import type { Host } from "../host.ts";
import { whenAborted } from "../abort.ts";
import { FaultError, faultOfThrown } from "./fault.ts";

/** Ends a request when the user or the caller aborts it, or when a timeout passes. */
export interface Watch {
  readonly signal: AbortSignal;
  expect(milliseconds: number, waitingFor: "answer" | "body"): void;
  rest(): void;
  /** Closes the connection. */
  cut(): void;
  /** Removes timers and listeners. */
  end(): void;
  /** The error that explains why a request under this watch failed. */
  explain(error: unknown): Error;
}

/** Makes the watch of one request. `own`: the caller's signal, in addition to the host's. */
export function makeWatch(host: Host, own: AbortSignal | undefined): Watch {
  const controller = new AbortController();
  const signals = own === undefined ? [host.signal] : [host.signal, own];
  const onAbort = (): void => controller.abort(new Error("interrupted"));
  let timer: NodeJS.Timeout | undefined;
  let tooSlow: FaultError | undefined;
  const listeners = signals.map((signal) => whenAborted(signal, onAbort));
  const rest = (): void => clearTimeout(timer);
  return {
    signal: controller.signal,
    expect(milliseconds, waitingFor) {
      rest();
      timer = setTimeout(() => {
        tooSlow = new FaultError({ kind: "time-out", seconds: Math.round(milliseconds / 100) / 10, waitingFor });
        controller.abort(tooSlow);
      }, milliseconds);
    },
    rest,
    cut: () => controller.abort(new Error("closed")),
    end() {
      rest();
      for (const takeOff of listeners) takeOff();
    },
    explain(error) {
      if (signals.some((signal) => signal.aborted)) {
        return new SlipwayError("interrupted", "interrupted while waiting for a registry", { cause: error });
      }
      return tooSlow ?? new FaultError(faultOfThrown(error), error);
    },
  };
}
