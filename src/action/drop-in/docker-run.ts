import { SlipwayError } from "../../errors.ts";
import type { CiRun } from "../../model/ci-run.ts";

/** Facts of a run that docker's actions use. */
export interface DockerRun {
  /** Address of the server: `https://github.com`. */
  readonly server: string;
  /** Name of the repository: `acme/shop`. */
  readonly repository: string;
  readonly ref: string;
  /** Commit of the run; empty: it has none. */
  readonly commit: string;
  /** Newest commit of the pull request's own branch. */
  readonly head: string | undefined;
  readonly isPrivate: boolean;
  /** Address of this attempt of the run. */
  readonly url: string;
}

/** Reads these facts from the run of CI. Throws `run-invalid` without a repository. */
export function dockerRunOf(ci: CiRun): DockerRun {
  if (ci.repository === undefined) {
    throw new SlipwayError("run-invalid", "GITHUB_REPOSITORY does not say which repository the run is of");
  }
  const repository = `${ci.repository.owner}/${ci.repository.name}`;
  return {
    server: ci.server.url,
    repository,
    ref: ci.ref,
    commit: ci.commit ?? "",
    head: ci.pullRequest?.head,
    isPrivate: ci.isPrivate,
    url: `${ci.server.url}/${repository}/actions/runs/${ci.id ?? ""}/attempts/${ci.attempt}`,
  };
}
