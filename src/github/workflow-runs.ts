import type { GitHubClient } from "./client.ts";
import { githubFault, isStatus } from "./fault.ts";

/** Times of one attempt of a run of GitHub Actions. */
export interface RunTimes {
  readonly url: string;
  /** Between the attempt's start and that of its first job; null: no job has started. */
  readonly queueSeconds: number | null;
  /** Sum over the jobs that have ended. */
  readonly jobSeconds: number | null;
  /** Null: it has not ended. */
  readonly conclusion: string | null;
}

/** Reads the times of an attempt; undefined: GitHub has forgotten the run. Throws `credentials` with the permission. */
export async function readRunTimes(
  { octokit, at }: GitHubClient,
  id: number,
  attempt: number,
): Promise<RunTimes | undefined> {
  const which = { ...at, run_id: id, attempt_number: attempt };
  const jobsOf = octokit.rest.actions.listJobsForWorkflowRunAttempt;
  try {
    const [{ data: run }, jobs] = await Promise.all([
      octokit.rest.actions.getWorkflowRunAttempt(which),
      octokit.paginate(jobsOf, { ...which, per_page: 100 }),
    ]);
    const began = jobs.flatMap(({ started_at: time }) => secondsOf(time) ?? []);
    const start = secondsOf(run.run_started_at);
    const spent = jobs.flatMap(({ started_at: from, completed_at: to }) => difference(secondsOf(from), secondsOf(to)));
    return {
      url: run.html_url,
      queueSeconds: start === undefined || began.length === 0 ? null : Math.max(0, smallest(began) - start),
      jobSeconds: spent.length === 0 ? null : spent.reduce((sum, each) => sum + each, 0),
      conclusion: run.conclusion,
    };
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw githubFault(error, `reading run ${id} of ${at.owner}/${at.repo}`, "actions: read");
  }
}

function secondsOf(time: string | null | undefined): number | undefined {
  const milliseconds = Date.parse(time ?? "");
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

function difference(from: number | undefined, to: number | undefined): number[] {
  return from === undefined || to === undefined || to < from ? [] : [to - from];
}

function smallest(numbers: readonly number[]): number {
  return numbers.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
}
