import { hasKind, isAboutCredentials } from "../errors.ts";
import type { Event } from "../event.ts";
import { errorCodeOf } from "../model/error-kind.ts";
import { type CiRun, isOfFork } from "../model/ci-run.ts";

/** Facts of a run that decide which credentials its job has. */
type Job = Pick<CiRun, "event" | "pullRequest" | "registry">;

/** Adds to an error about credentials how to fix it in a workflow; returns any other error unchanged. */
export function explainInJob(error: unknown, job: Job): unknown {
  if (!isAboutCredentials(error)) return error;
  const registry = hasKind(error, "registry-denied") ? error.data.registry : undefined;
  return error.reworded(error.message.split("\n"), hintInJob({ registry, hint: error.hint }, job));
}

/** Adds the same to the event of a service that failed. */
export function explainOutcomeInJob(event: Event, job: Job): Event {
  if (event.kind !== "service-ended" || event.outcome.kind !== "failed") return event;
  const { hint: given, ...outcome } = event.outcome;
  if (errorCodeOf(outcome.errorKind) !== "credentials") return event;
  const hint = hintInJob({ registry: outcome.registry, hint: given }, job);
  return { ...event, outcome: hint === undefined ? outcome : { ...outcome, hint } };
}

/** Refused access; `registry`: the registry that refused it, if any. `hint`: the advice for a person at a terminal. */
interface Refusal {
  readonly registry: string | undefined;
  readonly hint: string | undefined;
}

function hintInJob({ registry, hint }: Refusal, job: Job): string | undefined {
  if (isOfFork(job)) {
    return "a run for a pull request from a fork has a token that only reads, and no secrets; what it needs must be public";
  }
  if (registry === undefined) return hint;
  return registry === job.registry
    ? "give the job `permissions: packages: write` (`read` for the command plan); a package that another repository made must allow this one in its settings, under Manage Actions access"
    : 'log in with a line in the input "registries", or in a step before this one';
}
