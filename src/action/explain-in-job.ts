import { SlipwayError } from "../errors.ts";
import type { Event } from "../event.ts";
import { type CiRun, isOfFork } from "../model/ci-run.ts";

/** What decides which credentials a job has. */
type Job = Pick<CiRun, "event" | "pullRequest" | "registry">;

/** An error of missing credentials with what to do about it in a workflow; every other error as it is. */
export function explainInJob(error: unknown, job: Job): unknown {
  if (!(error instanceof SlipwayError) || error.code !== "credentials") return error;
  const hint = hintInJob(error, job);
  return new SlipwayError("credentials", error.message.split("\n"), {
    hint,
    diagnostics: error.diagnostics,
    cause: error,
  });
}

/** The same for a service that failed. */
export function explainOutcomeInJob(event: Event, job: Job): Event {
  if (event.kind !== "service-ended" || event.outcome.kind !== "failed") return event;
  const { outcome } = event;
  if (outcome.code !== "credentials") return event;
  const { hint: said, ...others } = outcome;
  const hint = hintInJob({ message: outcome.because, hint: said }, job);
  return { ...event, outcome: hint === undefined ? others : { ...others, hint } };
}

type Refusal = Pick<SlipwayError, "message" | "hint">;

function hintInJob(error: Refusal, job: Job): string | undefined {
  return isOfFork(job)
    ? "a run for a pull request from a fork has a token that only reads, and no secrets; what it needs must be public"
    : isAbout(error, job.registry)
      ? "give the job `permissions: packages: write` (`read` for the command plan); a package that another repository made must allow this one in its settings, under Manage Actions access"
      : isAboutRegistry(error)
        ? 'log in with a line in the input "registries", or in a step before this one'
        : error.hint;
}

function isAbout({ message }: Refusal, registry: string): boolean {
  return message.includes(`${registry}/`) || message.includes(`${registry}:`);
}

/** Its own hint is for a person at a terminal. */
function isAboutRegistry({ hint }: Refusal): boolean {
  return hint?.includes("docker login") === true;
}
