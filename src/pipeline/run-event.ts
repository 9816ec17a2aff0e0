import { SlipwayError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Trust } from "../model/trust.ts";

/** What a run is for; `local`: no CI system. */
export type RunEvent = "pull-request" | "trunk" | "tag" | "local";

/** What GitHub Actions says of the run; without it, it is a person's machine. */
export function readRunEvent(env: Host["env"]): RunEvent {
  const name = env["GITHUB_EVENT_NAME"];
  if (name === undefined || name === "") return "local";
  if (isReviewed({ event: name, ref: env["GITHUB_REF"] ?? "" })) return "pull-request";
  return env["GITHUB_REF_TYPE"] === "tag" ? "tag" : "trunk";
}

/** Pull requests and merge queues; also a workflow that was called for one. `event`, `ref`: as GitHub names them. */
export function isReviewed({ event, ref }: { readonly event: string; readonly ref: string }): boolean {
  return event.startsWith("pull_request") || event === "merge_group" || ref.startsWith("refs/pull/");
}

/** Whether what is built is published under its fingerprint: an untrusted run never writes where a release reads. */
export function mayPublish(trust: Trust): boolean {
  return trust.kind === "trusted";
}

/** An untrusted run never writes where a release reads. Throws `refused`; `doing` is "a release", "a rollback". */
export function checkMayRelease(trust: Trust, doing: string): void {
  if (trust.kind === "trusted") return;
  throw new SlipwayError("refused", `${doing} does not run for ${trust.because}`, {
    hint: "run it for a push, a tag or by hand (workflow_dispatch); `slipway build` tells whether a pull request builds",
  });
}
