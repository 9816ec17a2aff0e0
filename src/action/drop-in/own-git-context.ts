import type { DockerRun } from "./docker-run.ts";

/** Form of the address of a run's own repository. */
export interface GitContextFormat {
  /** Place of the ref: after `#`, or as `?ref=…`. */
  readonly as: "fragment" | "query";
  /** Pinning. `commit`: build-push-action pins every run to its commit. `ref`: bake-action keeps a pull request's ref, and pins it by a checksum. */
  readonly pins: "commit" | "ref";
  /** Whether a pull request is built from its own branch instead of its merge commit. */
  readonly isHead: boolean;
}

/** Returns the address of the repository at the run's commit, for BuildKit. Source: docker/actions-toolkit, src/buildx/build.ts, `gitContext`. */
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
