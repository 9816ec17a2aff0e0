import { setMaxListeners } from "node:events";

/**
 * Calls `act` once when the signal is aborted, at once when it is already. Returns what takes the listener off again.
 * As many requests may listen to one signal as there are: Node's warning of a leak does not apply.
 */
export function whenAborted(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) {
    act();
    return () => undefined;
  }
  setMaxListeners(0, signal);
  signal.addEventListener("abort", act, { once: true });
  return () => signal.removeEventListener("abort", act);
}
