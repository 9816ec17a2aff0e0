import { SlipwayError } from "../../errors.ts";
import type { Trust } from "../../model/trust.ts";

/** Whether images are published under their fingerprints. An untrusted run never writes where a release reads. */
export function mayPublish(trust: Trust): boolean {
  return trust.kind === "trusted";
}

/**
 * Throws `refused` for an untrusted run, which never writes where a release reads. `doing`: the command, such as "a release" or "a
 * rollback".
 */
export function checkMayRelease(trust: Trust, doing: string): void {
  if (trust.kind === "trusted") return;
  throw new SlipwayError("run-untrusted", `${doing} does not run for ${trust.because}`, {
    hint: "run it for a push, a tag or by hand (workflow_dispatch); `slipway build` shows whether a pull request builds",
  });
}
