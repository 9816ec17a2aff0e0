import { randomUUID } from "node:crypto";

/** One attempt of one workflow run, as far as services and claims tell of it. */
export interface Run {
  readonly id: string;
  readonly attempt: number;
  readonly ref: string;
  readonly sha: string;
}

/** Runs that jobs were started in, by the ids that the services use. */
export interface Runs {
  /** The id of a further run. */
  nextId(): string;
  /** Ids for one more job of a run. */
  addJob(run: Run): { readonly runBackendId: string; readonly jobBackendId: string };
  idOf(runBackendId: string): string | undefined;
  attemptOf(jobBackendId: string): number;
  /** The `workflow_run` part of an artifact. */
  describeFor(runBackendId: string): object;
}

export function makeRuns(repositoryId: number): Runs {
  const backendIds = new Map<string, string>();
  const runs = new Map<string, Run>();
  const attempts = new Map<string, number>();
  let lastId = 1000;
  return {
    nextId: () => String(++lastId),
    addJob(run) {
      const runBackendId = backendIds.get(run.id) ?? randomUUID();
      const jobBackendId = randomUUID();
      backendIds.set(run.id, runBackendId);
      runs.set(runBackendId, run);
      attempts.set(jobBackendId, run.attempt);
      return { runBackendId, jobBackendId };
    },
    idOf: (runBackendId) => runs.get(runBackendId)?.id,
    attemptOf: (jobBackendId) => attempts.get(jobBackendId) ?? 1,
    describeFor(runBackendId) {
      const run = runs.get(runBackendId);
      return {
        id: Number(run?.id ?? 0),
        repository_id: repositoryId,
        head_repository_id: repositoryId,
        head_branch: (run?.ref ?? "").replace(/^refs\/(heads|tags)\//, ""),
        head_sha: run?.sha ?? "",
      };
    },
  };
}
