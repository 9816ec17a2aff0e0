/**
 * Classes of errors by the person's remedy. Each code has one exit code.
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

/** Facts that follow from a kind of error. */
export interface ErrorKindFacts {
  /** Decides the exit code. */
  readonly code: ErrorCode;
  /** Situation, as the reference describes it: no full stop. */
  readonly means: string;
  /** Remedy: the hint of an error without a hint of its own. Null: each such error has its own. */
  readonly remedy: string | null;
}
