import { SlipwayError } from "../../errors.ts";
import type { CiRun } from "../../model/ci-run.ts";

/** What docker's actions take from the run that they are a step of. */
export interface DockerRun {
  /** `https://github.com`. */
  readonly server: string;
  /** `acme/shop`. */
  readonly repository: string;
  readonly ref: string;
  /** Empty where the run has none. */
  readonly commit: string;
  /** Commit of a pull request's own branch. */
  readonly head: string | undefined;
  readonly isPrivate: boolean;
  /** Address of this attempt of the run. */
  readonly url: string;
}

/** Takes from the run of CI what docker's actions take from it. Throws `run-invalid` without a repository. */
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
