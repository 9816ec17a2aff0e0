import type { Version } from "./semver.ts";

/** A commit message by Conventional Commits 1.0.0 (conventionalcommits.org). */
export interface ConventionalCommit {
  /** Type as written: `feat`, `fix`, `chore`. */
  readonly type: string;
  readonly scope: string | undefined;
  readonly breaking: boolean;
  readonly description: string;
}

/** The part of a version that the next release increases. */
export type Bump = "major" | "minor" | "patch";

const header = /^([A-Za-z][\w-]*)(?:\(([^()\r\n]+)\))?(!)?: +(\S.*)$/;
/** Footer of a breaking change (sections 12 and 15): in capitals, `BREAKING CHANGE: ` or `BREAKING-CHANGE: `, or `#` in place of the colon. */
const footer = /^BREAKING[ -]CHANGE(?:: | #)\S/m;

/** Parses a commit message; undefined: another form, such as a merge or a free sentence. */
export function parseConventionalCommit(message: {
  readonly subject: string;
  readonly body: string;
}): ConventionalCommit | undefined {
  const match = header.exec(message.subject);
  if (match === null) return parseRevert(message);
  const [, type = "", scope, mark, description = ""] = match;
  return { type, scope, breaking: mark !== undefined || footer.test(message.body), description };
}

/** Parses a message in the form of `git revert`. */
function parseRevert({ subject, body }: { subject: string; body: string }): ConventionalCommit | undefined {
  const [, description] = /^Revert "(.+)"$/.exec(subject) ?? [];
  if (description === undefined || !/^This reverts commit [0-9a-f]{7,64}\b/m.test(body)) return undefined;
  return { type: "revert", scope: undefined, breaking: false, description };
}

/** Returns the bump of a commit; undefined: it releases nothing. Types are compared without regard to case (section 15). */
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

/** Returns the largest bump; undefined: the list contains none. */
export function largestBump(bumps: readonly (Bump | undefined)[]): Bump | undefined {
  return (["major", "minor", "patch"] as const).find((bump) => bumps.includes(bump));
}

/**
 * Returns the version after `last`, as semantic-release counts: the first is 1.0.0, and versions 0.x follow the same rules (after 0.3.1, a breaking
 * change gives 1.0.0 and a feature 0.4.0).
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

/** Increments a number as text, because numbers of a version have no upper limit. */
function increment(number: string): string {
  return String(BigInt(number) + 1n);
}
