import { SlipwayError } from "../../errors.ts";
import type { Trust } from "../../model/trust.ts";

/** Whether what is built is published under its fingerprint: an untrusted run never writes where a release reads. */
export function mayPublish(trust: Trust): boolean {
  return trust.kind === "trusted";
}

/** An untrusted run never writes where a release reads. Throws `refused`; `doing` is "a release", "a rollback". */
export function checkMayRelease(trust: Trust, doing: string): void {
  if (trust.kind === "trusted") return;
  throw new SlipwayError("run-untrusted", `${doing} does not run for ${trust.because}`, {
    hint: "run it for a push, a tag or by hand (workflow_dispatch); `slipway build` tells whether a pull request builds",
  });
}
