import { SlipwayError } from "../../errors.ts";

/** Throws `interrupted` if the user or the CI system cancelled the command. `message`: what was interrupted, and the state it leaves. */
export function throwIfInterrupted(signal: AbortSignal, message: string): void {
  if (signal.aborted) throw new SlipwayError("interrupted", message, { hint: "run the same command again" });
}
