import { SlipwayError } from "../../errors.ts";

/** Throws `interrupted` when the person or the CI system asked to stop; `message` says what is the state then. */
export function throwIfInterrupted(signal: AbortSignal, message: string): void {
  if (signal.aborted) throw new SlipwayError("interrupted", message, { hint: "run the same command again" });
}
