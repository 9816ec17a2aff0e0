import type { Version } from "./semver.ts";

/** A commit message by Conventional Commits 1.0.0 (conventionalcommits.org). */
export interface ConventionalCommit {
  /** As written: `feat`, `fix`, `chore`. */
  readonly type: string;
  readonly scope: string | undefined;
  readonly breaking: boolean;
  readonly description: string;
}

/** How a version goes on. */
export type Bump = "major" | "minor" | "patch";

const header = /^([A-Za-z][\w-]*)(?:\(([^()\r\n]+)\))?(!)?: +(\S.*)$/;
/** Section 12 and 15: in capitals, `BREAKING CHANGE: ` or `BREAKING-CHANGE: `, or `#` in place of the colon. */
const footer = /^BREAKING[ -]CHANGE(?:: | #)\S/m;

/** Undefined where the subject is of another form: a merge, a free sentence. */
export function parseConventionalCommit(message: {
  readonly subject: string;
  readonly body: string;
}): ConventionalCommit | undefined {
  const match = header.exec(message.subject);
  if (match === null) return parseRevert(message);
  const [, type = "", scope, mark, description = ""] = match;
  return { type, scope, breaking: mark !== undefined || footer.test(message.body), description };
}

/** As `git revert` writes it. */
function parseRevert({ subject, body }: { subject: string; body: string }): ConventionalCommit | undefined {
  const [, description] = /^Revert "(.+)"$/.exec(subject) ?? [];
  if (description === undefined || !/^This reverts commit [0-9a-f]{7,64}\b/m.test(body)) return undefined;
  return { type: "revert", scope: undefined, breaking: false, description };
}

/** Types are told without regard to case (section 15). Undefined: it releases nothing. */
export function bumpOf({ type, breaking }: ConventionalCommit): Bump | undefined {
  if (breaking) return "major";
  switch (type.toLowerCase()) {
    case "feat":
      return "minor";
    case "fix":
    case "perf":
    case "revert":
      return "patch";
    default:
      return undefined;
  }
}

/** The largest; undefined where there is none. */
export function largestBump(bumps: readonly (Bump | undefined)[]): Bump | undefined {
  return (["major", "minor", "patch"] as const).find((bump) => bumps.includes(bump));
}

/**
 * The version after `last`, as semantic-release counts: the first is 1.0.0, whatever the commits; from then on 0.x is no
 * exception (a breaking change of 0.3.1 gives 1.0.0, a feature 0.4.0).
 */
export function nextVersion(last: Version | undefined, bump: Bump): string {
  if (last === undefined) return "1.0.0";
  const { major, minor, patch } = last;
  switch (bump) {
    case "major":
      return `${increment(major)}.0.0`;
    case "minor":
      return `${major}.${increment(minor)}.0`;
    case "patch":
      return `${major}.${minor}.${increment(patch)}`;
  }
}

/** Numbers of a version have no upper limit. */
function increment(number: string): string {
  return String(BigInt(number) + 1n);
}
