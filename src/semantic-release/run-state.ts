import type { BuiltService } from "../model/documents.ts";
import { renderCount } from "../model/units.ts";
import { SemanticReleaseFault } from "./fault.ts";

/** The results of steps of one run of semantic-release. */
export interface RunState {
  readonly services: readonly BuiltService[];
  /** Whether the release is committed and its tags are in place. */
  readonly isCommitted: boolean;
}

/** State by folder: semantic-release gives each step a copy of its context, so that nothing can be kept there. */
const runs = new Map<string, RunState>();

/** The results of earlier steps of the same run; undefined: there are none. */
export function recallState(cwd: string): RunState | undefined {
  return runs.get(cwd);
}

/** Stores results for later steps. */
export function keepState(cwd: string, state: RunState): void {
  runs.set(cwd, state);
}

/** Forgets a run at its end, since another may follow in the same process. */
export function forgetState(cwd: string): void {
  runs.delete(cwd);
}

/** `1 service built (web), 3 services reused (api, gateway, worker)`. */
export function countOutcomes(services: readonly BuiltService[]): string {
  const parts = (["built", "reused", "failed", "cancelled"] as const).flatMap((outcome) => {
    const names = services.filter((each) => each.outcome === outcome).map(({ service }) => service);
    return names.length === 0 ? [] : [`${renderCount(names.length, "service")} ${outcome} (${names.join(", ")})`];
  });
  return parts.join(", ");
}

/** A fault for a service that failed or was cancelled. */
export function faultOfService({ service, outcome, because, hint }: BuiltService): SemanticReleaseFault[] {
  if (outcome !== "failed" && outcome !== "cancelled") return [];
  const message = `${service} ${outcome === "failed" ? "did not build" : "was not built"}: ${because ?? ""}`;
  return [
    new SemanticReleaseFault(
      "ESLIPWAYBUILD",
      message,
      [hint, "No tag moved; what was built is reused by the next run."].filter((each) => each !== null).join("\n\n"),
    ),
  ];
}
