import { hasKind, isAboutCredentials } from "../errors.ts";
import type { Event } from "../event.ts";
import { type CiRun, isOfFork } from "../model/ci-run.ts";

/** What decides which credentials a job has. */
type Job = Pick<CiRun, "event" | "pullRequest" | "registry">;

/** An error of missing credentials with what to do about it in a workflow; every other error as it is. */
export function explainInJob(error: unknown, job: Job): unknown {
  if (!isAboutCredentials(error)) return error;
  const registry = hasKind(error, "registry-denied") ? error.data.registry : undefined;
  return error.saying(error.message.split("\n"), hintInJob({ registry, hint: error.hint }, job));
}

/** The same for a service that failed. */
export function explainOutcomeInJob(event: Event, job: Job): Event {
  if (event.kind !== "service-ended" || event.outcome.kind !== "failed") return event;
  const { hint: given, ...outcome } = event.outcome;
  if (outcome.code !== "credentials") return event;
  const hint = hintInJob({ registry: outcome.registry, hint: given }, job);
  return { ...event, outcome: hint === undefined ? outcome : { ...outcome, hint } };
}

/** What was refused: by which registry, if one did. `hint`: for a person at a terminal. */
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
