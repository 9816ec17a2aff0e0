/**
 * What can go wrong, by what the person can do about it. Each code has one exit code.
 *
 * - `usage`, `configuration`, `repository`: nothing was done; the input must change (2)
 * - `refused`: a tag may not move so, a version exists with other content, a digest does not match,
 *   a registry takes no such request (3)
 * - `credentials`: missing, wrong, or without the permission (4)
 * - `unavailable`: the same command may succeed later (5)
 * - `failed`: a service did not build, or an error that is not one of these (1)
 * - `interrupted`: the person or the CI system asked to stop (130)
 */
export type ErrorCode =
  | "usage"
  | "configuration"
  | "repository"
  | "refused"
  | "credentials"
  | "unavailable"
  | "failed"
  | "interrupted";

/** What follows from a kind of error. */
export interface ErrorKindFacts {
  /** Decides the exit code. */
  readonly code: ErrorCode;
  /** What went wrong, as the reference says it: no full stop. */
  readonly means: string;
  /** What to do: the hint of an error that has none of its own. Null: it depends on the error, which says it. */
  readonly remedy: string | null;
}
