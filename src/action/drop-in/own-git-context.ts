import type { DockerRun } from "./docker-run.ts";

/** How the address of a run's own repository is written. */
export interface GitContextFormat {
  /** After `#`, or as `?ref=…`. */
  readonly as: "fragment" | "query";
  /** `commit`: build-push-action pins every run to its commit. `ref`: bake-action leaves a pull request at its ref, and pins by a checksum. */
  readonly pins: "commit" | "ref";
  /** Whether a pull request is built from its own branch, not from its merge. */
  readonly isHead: boolean;
}

/** The repository at the run's commit, as BuildKit fetches it. Source: docker/actions-toolkit, src/buildx/build.ts, `gitContext`. */
export function ownGitContext(run: DockerRun, { as, pins, isHead }: GitContextFormat): string {
  const address = `${run.server}/${run.repository}.git`;
  const given = run.ref.startsWith("refs/") ? run.ref : `refs/heads/${run.ref}`;
  const isPull = given.startsWith("refs/pull/");
  const ref = isPull && isHead ? given.replace(/\/merge$/, "/head") : given;
  if (pins === "ref") {
    if (as === "query") return `${address}?ref=${ref}${run.commit === "" ? "" : `&checksum=${run.commit}`}`;
    return `${address}#${isPull ? ref : run.commit || ref}`;
  }
  const pinned = isPull && isHead ? (run.head ?? ref) : run.commit || ref;
  return as === "query" ? `${address}?ref=${pinned}` : `${address}#${pinned}`;
}
