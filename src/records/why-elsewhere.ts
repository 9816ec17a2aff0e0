import { comparePrecedence, parseReleaseTag, type ReleaseName, spokenName } from "./record-names.ts";
import type { RecordReader } from "./record-reader.ts";

/** Explains why a tag of both releases belongs to the other one. */
export function whyElsewhere(reader: RecordReader, own: string, other: ReleaseName): string {
  const ours = parseReleaseTag(own);
  const what = spokenName(other);
  if (ours?.kind === "version" && comparePrecedence(ours, other) === 0) {
    return `${what} was released later, and build metadata does not order versions`;
  }
  if (ours?.kind === "branch" && other.kind === "version")
    return `version ${what} gives it, too, and a version wins over a branch`;
  const [branch, otherBranch] = [branchOf(reader, own), branchOf(reader, other.tag)];
  if (branch !== otherBranch && otherBranch !== undefined) {
    return `branch "${otherBranch}" gives it, too, and has more commits behind it (${what})`;
  }
  return `${what} is newer`;
}

/** A branch as written; in records' names different branches may look alike. */
function branchOf(reader: RecordReader, record: string): string | undefined {
  const subject = reader.peekRelease(record)?.manifest.subject;
  return subject?.kind === "branch" ? subject.branch : undefined;
}
